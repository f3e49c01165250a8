package io.fustor.source.mysql.web;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/// One HTTP request that is nearly right in most places, as bytes.
final class RandomRequest {

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD");
    private static final List<String> ODD_METHODS =
            List.of(
                    "OPTIONS",
                    "TRACE",
                    "PATCH",
                    "CONNECT",
                    "PROPFIND",
                    "FOO",
                    "get",
                    "G\u00c4T",
                    "");

    private static final List<String> PATHS =
            List.of(
                    "/api/sources/%s/events",
                    "/api/sources/%s/events",
                    "/api/sources/%s/events",
                    "/api/sources/%s/stream",
                    "/api/sources/%s",
                    "/api/sources",
                    "/api/sources/%s/checkpoints",
                    "/api/sources/%s/checkpoints/%s",
                    "/api/sources/%s/positions/%s",
                    "/api/sources/%s/snapshots/%s",
                    "/api/configs/sources/%s",
                    "/api/configs/sources/%s/_actions/enable",
                    "/api/configs/sources/%s/_actions/disable",
                    "/api/configs/sources/%s/_actions/discover_and_cache_fields",
                    "/api/configs/sources/_actions/cleanup",
                    "/api/configs",
                    "/api/drivers/sources/%s/_actions/get_available_fields",
                    "/api/drivers/sources/%s/_actions/test_connection",
                    "/api/drivers/sources/mysql/_actions/check_params",
                    "/api/drivers/sources/mysql/_actions/check_privileges",
                    "/api/drivers/sources/mysql/wizard",
                    "/api/instances/status",
                    "/api/instances/sources/%s/_actions/start",
                    "/api/session",
                    "/actuator/health/%s",
                    "/actuator/health/%s/%s",
                    "/actuator/health/sources/%s",
                    "/actuator/health/sources/shop/%s/%s",
                    "/actuator/info/%s",
                    "/actuator/metrics/%s",
                    "/actuator/metrics/%s/%s",
                    "/v3/api-docs/%s",
                    "/swagger-ui/%s",
                    "/console/%s",
                    "/%s/%s");

    private static final List<String> PARAMETERS =
            List.of(
                    "from",
                    "last_event_id",
                    "consumer",
                    "snapshot",
                    "tables",
                    "fields",
                    "ops",
                    "format",
                    "batch",
                    "on_lost",
                    "transactions",
                    "big_numbers",
                    "offset",
                    "live",
                    "cursor",
                    "rewind",
                    "where",
                    "until",
                    "heartbeats",
                    "_method",
                    "%s");

    private static final List<String> VALUES =
            List.of(
                    "shop",
                    "mysql",
                    "now",
                    "earliest",
                    "initial",
                    "long-poll",
                    "sse",
                    "only",
                    "0",
                    "1",
                    "-1",
                    "18446744073709551616",
                    "4294967296000",
                    "2024-01-01T00:00:00Z",
                    "+999999999-12-31T23:59:59Z",
                    "gtid:",
                    "gtid:x",
                    "gtid:3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5",
                    "gtid:3e11fa47-71ca-11e1-9e33-c80aa9429562:9223372036854775807",
                    "*",
                    "*.*",
                    "fuzz.t",
                    "fuzz.t.id",
                    "fuzz.*,",
                    "..",
                    ".",
                    "true",
                    "debezium",
                    "insert,insert",
                    "%00",
                    "%0d%0aX-Injected:1",
                    "%ff%fe",
                    "%u0041",
                    "%",
                    "%2f..%2f",
                    "%25",
                    ";a=b",
                    "<script>alert(1)</script>",
                    "%3Cscript%3E",
                    "\"'`",
                    "\u00e9\u4e2d",
                    "%E4%B8%AD",
                    "${7*7}",
                    "a%20b",
                    "\\",
                    "|",
                    "^",
                    "{x}",
                    "%7Bx%7D",
                    "~",
                    "a;b/c",
                    "//");

    static final String CHINESE = "Accept-Language: zh-CN\r\n";

    private static final List<String> HEADERS =
            List.of(
                    "Accept",
                    "Accept-Language",
                    "Last-Event-ID",
                    "Content-Type",
                    "Cookie",
                    "Origin",
                    "Sec-Fetch-Site",
                    "Range",
                    "If-None-Match",
                    "If-Modified-Since",
                    "Forwarded",
                    "X-Forwarded-For",
                    "X-Forwarded-Proto",
                    "X-HTTP-Method-Override",
                    "Accept-Charset",
                    "Accept-Encoding",
                    "Upgrade",
                    "HTTP2-Settings",
                    "Access-Control-Request-Method",
                    "Authorization",
                    "Host",
                    "TE");

    private static final List<String> HEADER_VALUES =
            List.of(
                    "text/event-stream",
                    "application/x-ndjson",
                    "*/*",
                    "text/html",
                    "a",
                    "a/b/c",
                    ";",
                    "application/json;charset=utf-16",
                    "application/json;charset=nonsense",
                    "text/plain",
                    "multipart/form-data; boundary=x",
                    "multipart/form-data",
                    "application/x-www-form-urlencoded",
                    "zh",
                    "xx-YY-zzzzzzzzzzzzz;q=7",
                    "*",
                    "",
                    "bytes=0-0,-1,5-",
                    "W/\"x\"",
                    "Sun, 99 Nov 2099 99:99:99 GMT",
                    "fustor_session=a~b~c",
                    "fustor_session=dash~99999999999999999999~x",
                    "fustor_session=ops~1~",
                    "=;=;",
                    "null",
                    "http://evil.example",
                    "cross-site",
                    "h2c",
                    "websocket",
                    "for=\"[::1]\";proto=x",
                    "https",
                    "localhost",
                    "Bearer",
                    "Bearer  ",
                    "Basic !!!",
                    "\u00e4\u00f6",
                    "\u0001\u0002",
                    "trailers",
                    "javascript:alert(1)");

    private final Random random;
    private final List<String> bodies;
    private final List<String> tokens;

    /// @param bodies JSON to begin with
    /// @param tokens secrets, right and wrong
    RandomRequest(Random random, List<String> bodies, List<String> tokens) {
        this.random = random;
        this.bodies = bodies;
        this.tokens = tokens;
    }

    byte[] bytes() {
        var head = new StringBuilder();
        head.append(oneIn(20) ? pick(ODD_METHODS) : pick(METHODS)).append(' ');
        head.append(target()).append(' ').append(version()).append("\r\n");
        if (!oneIn(60)) {
            head.append("Host: localhost\r\n");
        }
        head.append("Connection: close\r\n");
        if (!oneIn(12)) {
            head.append("Authorization: Bearer ").append(pick(tokens)).append("\r\n");
        }
        if (oneIn(2)) {
            head.append(CHINESE);
        }
        for (int left = random.nextInt(4); left > 0; left--) {
            head.append(pick(HEADERS)).append(": ").append(headerValue()).append("\r\n");
        }
        if (oneIn(100)) {
            head.append("X-Long: ").append("x".repeat(random.nextInt(40_000))).append("\r\n");
        }
        if (oneIn(100)) {
            head.append("X: y\r\n".repeat(random.nextInt(300)));
        }
        if (oneIn(100)) {
            head.append(pick(List.of("no colon", ": x", " folded", "a b: c", "\0: x")))
                    .append("\r\n");
        }
        return mutated(withBody(head));
    }

    private String target() {
        var path = pick(PATHS);
        while (path.contains("%s")) {
            path = path.replaceFirst("%s", quoted(oneIn(3) ? value() : "shop"));
        }
        var target = new StringBuilder(path);
        char before = '?';
        for (int left = random.nextInt(4); left > 0; left--) {
            var name = pick(PARAMETERS);
            target.append(before).append(name.equals("%s") ? value() : name);
            target.append('=').append(value());
            before = oneIn(20) ? ';' : '&';
        }
        if (oneIn(200)) {
            target.append("x".repeat(random.nextInt(20_000)));
        }
        return oneIn(60)
                ? pick(List.of("*", "", "http://a/b", "//", "x", "/..", "/%"))
                : "" + target;
    }

    private static String quoted(String text) {
        return java.util.regex.Matcher.quoteReplacement(text.replace("%s", "s"));
    }

    /// Mostly as it has to be written in a URI.
    private String value() {
        var text = rawValue();
        return oneIn(10)
                ? text
                : text.codePoints()
                        .mapToObj(
                                c ->
                                        c > ' ' && c < 0x7f && "\"<>\\^`{|}#".indexOf(c) < 0
                                                ? Character.toString(c)
                                                : URLEncoder.encode(
                                                        Character.toString(c),
                                                        StandardCharsets.UTF_8))
                        .collect(Collectors.joining());
    }

    private String rawValue() {
        if (!oneIn(8)) {
            return pick(VALUES);
        }
        var text = new StringBuilder();
        for (int left = random.nextInt(30); left > 0; left--) {
            text.append((char) (oneIn(3) ? random.nextInt(256) : 33 + random.nextInt(94)));
        }
        return text.toString();
    }

    private String headerValue() {
        return oneIn(5) ? rawValue().replaceAll("[\r\n]", "") : pick(HEADER_VALUES);
    }

    private String version() {
        return oneIn(15)
                ? pick(
                        List.of(
                                "HTTP/1.0",
                                "HTTP/0.9",
                                "HTTP/2.0",
                                "HTTP/1.2",
                                "HTTP/9",
                                "http/1.1",
                                ""))
                : "HTTP/1.1";
    }

    private byte[] withBody(StringBuilder head) {
        var body = oneIn(3) ? new byte[0] : body();
        var whole = new ByteArrayOutputStream();
        boolean chunked = oneIn(6);
        if (chunked) {
            head.append("Transfer-Encoding: ").append(oneIn(8) ? "gzip, x" : "chunked");
            head.append("\r\n");
        }
        if (!chunked || oneIn(10)) {
            int length = oneIn(20) ? random.nextInt(3_000_000) : body.length;
            head.append("Content-Length: ").append(oneIn(40) ? "-1x" : length).append("\r\n");
        }
        if (!oneIn(6)) {
            head.append("Content-Type: application/json\r\n");
        }
        if (oneIn(50)) {
            head.append("Expect: ").append(oneIn(2) ? "100-continue" : "miracles").append("\r\n");
        }
        whole.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        if (chunked) {
            var size =
                    oneIn(8)
                            ? pick(List.of("zz", "-1", "fffffffff", ""))
                            : Integer.toHexString(body.length);
            whole.writeBytes((size + "\r\n").getBytes(StandardCharsets.US_ASCII));
            whole.writeBytes(body);
            whole.writeBytes(
                    (body.length == 0 ? "\r\n" : "\r\n0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        } else {
            whole.writeBytes(body);
        }
        return whole.toByteArray();
    }

    private byte[] body() {
        if (oneIn(30)) {
            int depth = random.nextInt(3000);
            return ("[".repeat(depth) + "]".repeat(depth)).getBytes(StandardCharsets.US_ASCII);
        }
        if (oneIn(100)) {
            return ("{\"x\":\"" + "y".repeat(random.nextInt(2_000_000)) + "\"}")
                    .getBytes(StandardCharsets.US_ASCII);
        }
        var text = pick(bodies);
        for (int left = random.nextInt(3); left > 0; left--) {
            text = changed(text);
        }
        return text.getBytes(oneIn(20) ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    }

    /// Another value in place of one of the body's.
    private String changed(String json) {
        var values = json.split("(?<=:)|(?=[,}])", -1);
        int at = random.nextInt(values.length);
        if (!values[at].startsWith(",")
                && !values[at].startsWith("}")
                && !values[at].endsWith(":")) {
            values[at] =
                    pick(
                            List.of(
                                    "null",
                                    "true",
                                    "-1",
                                    "1e999",
                                    "99999999999999999999",
                                    "[]",
                                    "{}",
                                    "\"\"",
                                    "\"\\u0000\"",
                                    "\"\\ud800\"",
                                    "\"<b>\"",
                                    "\"a:b:c\"",
                                    "[[]]",
                                    "NaN",
                                    "\"" + "z".repeat(random.nextInt(5000)) + "\"",
                                    "1.5",
                                    "'x'"));
        }
        return String.join("", values);
    }

    /// Sometimes a few bytes are others, or missing.
    private byte[] mutated(byte[] bytes) {
        if (!oneIn(12)) {
            return bytes;
        }
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return oneIn(3) ? java.util.Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)) : bytes;
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
