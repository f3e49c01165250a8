package io.fustor.source.mysql.web;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;

/// Adds the common headers to responses to requests for the server as a whole (`OPTIONS *`, RFC
/// 9110, 9.3.7). Tomcat responds to these before any valve or filter sees them. Gives threads that
/// serve a stream of HTTP/2 their [ClientStream], and connections of HTTP/1.1 their [RequestHead].
final class HeadedAdapter implements Adapter {

    private final Adapter adapter;

    HeadedAdapter(Adapter adapter) {
        this.adapter = adapter;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        if (request.requestURI().equals("*")) {
            AnswerHeaders.add(response::setHeader);
        }
        ServedRequest served = new ServedRequest(adapter, request, response);
        ClientStream stream = ClientStream.of(request);
        if (stream != null) {
            stream.serve(served);
        } else if (ClientExchange.current() instanceof ClientConnection connection) {
            connection.serve(served);
        } else {
            served.pass();
        }
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
        return adapter.prepare(request, response);
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent status)
            throws Exception {
        return adapter.asyncDispatch(request, response, status);
    }

    @Override
    public void log(Request request, Response response, long time) {
        adapter.log(request, response, time);
    }

    @Override
    public void checkRecycled(Request request, Response response) {
        adapter.checkRecycled(request, response);
    }

    @Override
    public String getDomain() {
        return adapter.getDomain();
    }
}
