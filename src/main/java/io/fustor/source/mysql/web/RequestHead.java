package io.fustor.source.mysql.web;

import java.nio.ByteBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;

/// The buffer with the head of a request over HTTP/1.1. Tomcat keeps it, with room for the largest
/// head and more, as long as the connection lasts. A response of hours does not need it.
///
/// For the thread that serves the request.
final class RequestHead {

    private static final byte[] NOTHING = {};

    private final Request request;

    /// The size of the buffer that was released; 0 while it is there.
    private int size;

    private int position;

    RequestHead(Request request) {
        this.request = request;
    }

    /// Lets the buffer go until [#restore]. The request has no body, or it was read. Where the
    /// client has sent more than this request, the buffer stays.
    void release() {
        if (size == 0 && request.getInputBuffer() instanceof Http11InputBuffer input) {
            ByteBuffer buffer = input.getByteBuffer();
            if (!buffer.hasRemaining()) {
                size = buffer.capacity();
                position = buffer.position();
                keepTexts();
                input.setByteBuffer(ByteBuffer.wrap(NOTHING));
            }
        }
    }

    /// Gives Tomcat a buffer for the next request, before it ends this one. What the old one held
    /// had been read.
    void restore() {
        if (size > 0 && request.getInputBuffer() instanceof Http11InputBuffer input) {
            input.setByteBuffer(ByteBuffer.allocate(size).limit(position).position(position));
            size = 0;
        }
    }

    /// The parts of the head are places in the buffer until they are texts.
    private void keepTexts() {
        keepText(request.requestURI());
        keepText(request.decodedURI());
        keepText(request.queryString());
        keepText(request.protocol());
        keepText(request.serverName());
        MimeHeaders headers = request.getMimeHeaders();
        for (int i = 0; i < headers.size(); i++) {
            keepText(headers.getName(i));
            keepText(headers.getValue(i));
        }
    }

    private static void keepText(MessageBytes part) {
        if (part.getType() == MessageBytes.T_BYTES) {
            part.setString(part.toString());
        }
        part.getByteChunk().setBytes(NOTHING, 0, 0);
    }
}
