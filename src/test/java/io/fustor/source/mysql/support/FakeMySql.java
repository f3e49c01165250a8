package io.fustor.source.mysql.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/// The server's side of MySQL's protocol, as far as a hostile server needs it: it greets, lets
/// everybody in, and answers as a test says. Source: the manual's 'Client/Server Protocol'.
public final class FakeMySql {

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private FakeMySql() {}

    /// Never returns by itself.
    public static void stall() throws InterruptedException {
        NEVER.await();
    }

    /// A greeting of a server that has no TLS and takes native passwords.
    public static byte[] greeting() {
        var body = new ByteArrayOutputStream();
        body.write(10);
        text(body, "8.0.31-fake");
        body.writeBytes(new byte[] {1, 0, 0, 0});
        text(body, "abcdefgh");
        int capabilities = 0x00_0F_F7_FF & ~0x0800 & ~0x20;
        body.write(capabilities);
        body.write(capabilities >> 8);
        body.write(45);
        body.writeBytes(new byte[] {2, 0});
        body.write(capabilities >> 16);
        body.write(capabilities >> 24);
        body.write(21);
        body.writeBytes(new byte[10]);
        text(body, "ijklmnopqrst");
        text(body, "mysql_native_password");
        return packet(0, body.toByteArray());
    }

    private static void text(ByteArrayOutputStream body, String text) {
        body.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        body.write(0);
    }

    public static byte[] packet(int number, byte[] body) {
        var packet = new byte[body.length + 4];
        packet[0] = (byte) body.length;
        packet[1] = (byte) (body.length >> 8);
        packet[2] = (byte) (body.length >> 16);
        packet[3] = (byte) number;
        System.arraycopy(body, 0, packet, 4, body.length);
        return packet;
    }

    public static byte[] ok(int number) {
        return packet(number, new byte[] {0, 0, 0, 2, 0, 0, 0});
    }

    /// An error as a server sends it in place of its greeting, so without a state.
    public static byte[] errorAsGreeting(int code, String message) {
        var body = new ByteArrayOutputStream();
        body.write(0xFF);
        body.write(code);
        body.write(code >> 8);
        body.writeBytes(message.getBytes(StandardCharsets.UTF_8));
        return packet(0, body.toByteArray());
    }

    /// Asks the client for one of its files, in place of an answer.
    public static byte[] fileRequest(String file) {
        return packet(1, ("\u00fb" + file).getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Asks the client to log in by another plugin.
    public static byte[] switchTo(int number, String plugin) {
        var body = new ByteArrayOutputStream();
        body.write(0xFE);
        text(body, plugin);
        text(body, "abcdefghijklmnopqrst");
        return packet(number, body.toByteArray());
    }

    /// Greets and lets every client in.
    public static void letIn(InputStream in, OutputStream out) throws IOException {
        out.write(greeting());
        read(in);
        out.write(ok(2));
    }

    /// The body of the client's next packet.
    public static byte[] read(InputStream in) throws IOException {
        var header = in.readNBytes(4);
        if (header.length < 4) {
            throw new IOException("the client went away");
        }
        int length = (header[0] & 0xFF) | (header[1] & 0xFF) << 8 | (header[2] & 0xFF) << 16;
        return Objects.requireNonNull(in.readNBytes(length));
    }
}
