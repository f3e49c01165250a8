package io.fustor.source.mysql.web;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.catalina.connector.CharacterBuffers;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.http.ServerCookies;

/// The buffers that Tomcat keeps for the head of a request as long as the request lasts. A stream
/// lasts for hours, and its head is a few hundred bytes in a buffer of 32 KiB.
///
/// For the thread that serves the connection, while nothing reads from it.
final class RequestBuffers {

    private RequestBuffers() {}

    /// Replaces the buffers by ones that are just large enough for what they hold.
    ///
    /// @return the size of the head's buffer, for [#restore]; 0 where it was left as it is
    static int release(Request request) {
        CharacterBuffers.release(request);
        if (!(request.getInputBuffer() instanceof Http11InputBuffer input)) {
            return 0;
        }
        ByteBuffer whole = input.getByteBuffer();
        if (!whole.hasArray() || whole.arrayOffset() != 0) {
            return 0;
        }
        byte[] from = whole.array();
        byte[] held = Arrays.copyOf(from, whole.limit());
        input.setByteBuffer(ByteBuffer.wrap(held).position(whole.position()));
        moveHead(request, from, held);
        return whole.capacity();
    }

    /// Gives the connection a buffer for the next head, with what has already been read of it.
    static void restore(Request request, int size) {
        if (request.getInputBuffer() instanceof Http11InputBuffer input) {
            ByteBuffer held = input.getByteBuffer();
            ByteBuffer whole = ByteBuffer.allocate(Math.max(size, held.limit()));
            whole.put(held.duplicate().rewind()).flip().position(held.position());
            input.setByteBuffer(whole);
        }
    }

    /// Tomcat keeps the texts of a head as offsets into its buffer.
    private static void moveHead(Request request, byte[] from, byte[] to) {
        move(request.requestURI(), from, to);
        move(request.decodedURI(), from, to);
        move(request.queryString(), from, to);
        move(request.protocol(), from, to);
        move(request.serverName(), from, to);
        MimeHeaders headers = request.getMimeHeaders();
        for (int i = 0; i < headers.size(); i++) {
            move(headers.getName(i), from, to);
            move(headers.getValue(i), from, to);
        }
        ServerCookies cookies = request.getCookies();
        for (int i = 0; i < cookies.getCookieCount(); i++) {
            move(cookies.getCookie(i).getName(), from, to);
            move(cookies.getCookie(i).getValue(), from, to);
        }
    }

    @SuppressWarnings("ReferenceEquality") // whether it lies in that very buffer
    private static void move(MessageBytes text, byte[] from, byte[] to) {
        ByteChunk bytes = text.getByteChunk();
        if (bytes.getBuffer() == from) {
            bytes.setBytes(to, bytes.getStart(), bytes.getLength());
        }
    }
}
