package dev.sluice.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;

/**
 * Requests as no client sends them: valid ones, made by the grammar of HTTP and of the Bot API, of which some parts are then
 * broken. The same generator makes the same requests.
 */
final class FuzzedRequests {
    /** Stands in every text and name that is sent: nothing of it may appear in a log. */
    static final String PRIVATE = "Pssst-private";

    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String MULTIPART = "multipart/form-data; boundary=b";

    private static final List<String> METHODS = List.of(
            "sendMessage",
            "sendMessage",
            "sendMessage",
            "SENDMESSAGE",
            "sendPhoto",
            "sendMediaGroup",
            "copyMessages",
            "forwardMessage",
            "editMessageText",
            "deleteMessage",
            "getMe",
            "getUpdates",
            "getFile",
            "sendChatAction",
            "setWebhook",
            "answerCallbackQuery",
            "noSuchMethod",
            "sendMéssage");
    private static final List<String> VERBS =
            List.of("POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "TRACE", "CONNECT", "pOsT", "");
    private static final List<String> CHATS = List.of(
            "1",
            "-1",
            "-1001",
            "@channel",
            "@",
            "",
            "0",
            "99999999999999999999",
            "1e9",
            "null",
            "true",
            "\"1\"",
            "[1]",
            "{}");
    private static final List<String> ODD_HEADERS = List.of(
            "X-Sluice-Max-Wait: 600",
            "X-Sluice-Max-Wait: -1",
            "X-Sluice-Max-Wait: NaN",
            "X-Sluice-Max-Wait: 1e308",
            "X-Sluice-Priority: highest",
            "X-Sluice-Skip-Limits: true",
            "X-Sluice-Dedupe: content",
            "X-Sluice-Dedupe:",
            "X-Sluice-Idempotency-TTL: 0",
            "X-Sluice-Unheard-Of: 1",
            "Idempotency-Key: same",
            "Idempotency-Key:",
            "Prefer: respond-async, wait=1",
            "Expect: 100-continue",
            "Expect: the-unexpected",
            "Connection: upgrade",
            "Connection: close",
            "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings",
            "Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nConnection: Upgrade",
            "Content-Encoding: gzip",
            "Content-Encoding: br",
            "Content-Encoding: gzip, gzip",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: chunked",
            "Content-Length: 3",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Content-Length: 1\r\nContent-Length: 2",
            "Host: evil.example\r\nHost: x",
            "Authorization: Bearer wrong",
            "Origin: http://evil.example",
            "Range: bytes=9-1",
            "If-Range: \"x\"",
            "Cookie: a=b",
            "TE: trailers",
            "Trailer: X",
            " leading: space",
            "no colon at all",
            "Na\u0000me: x",
            "Name: \u0000",
            "Folded: a\r\n b",
            "X-Forwarded-For: 1.2.3.4");
    private static final List<String> ADMIN = List.of(
            "/health",
            "/health/live",
            "/health/ready",
            "/metrics",
            "/metrics?format=json",
            "/health/",
            "/v1/bots",
            "/Health");

    private static final List<String> TYPES = List.of(
            JSON,
            "application/json; charset=utf-16",
            FORM,
            MULTIPART,
            "multipart/form-data; boundary=\"b",
            "multipart/form-data",
            "text/plain",
            "",
            "/;=");

    private record Body(String type, byte[] bytes) {}

    private final RandomGenerator random;
    private final String token;

    FuzzedRequests(RandomGenerator random, String token) {
        this.random = random;
        this.token = token;
    }

    /** One request, or what is left of one. */
    byte[] next() {
        if (oneIn(40)) {
            return bytes(pick(
                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                    "\u0016\u0003\u0001\u0002\0\u0001\0\u0001",
                    noise(400),
                    "\r\n\r\n\r\n"));
        }
        Body made = body();
        byte[] body = made.bytes;
        // Most say what they are: else none would get past the first gate.
        String type = oneIn(4) ? pick(TYPES) : made.type;
        if (oneIn(8)) {
            body = gzipped(body);
            type += "\r\nContent-Encoding: gzip";
        }
        var head = new StringBuilder();
        head.append(oneIn(4) ? pick(VERBS) : "POST")
                .append(' ')
                .append(target())
                .append(' ');
        head.append(
                oneIn(10)
                        ? pick("HTTP/1.0", "HTTP/1.0", "HTTP/0.9", "HTTP/9.9", "HTTP/2.0", "http/1.1", "")
                        : "HTTP/1.1");
        head.append("\r\nHost: 127.0.0.1\r\nX-Sluice-Max-Wait: 0\r\nContent-Type: ")
                .append(type)
                .append("\r\n");
        for (int i = random.nextInt(3); i > 0; i--) {
            head.append(pick(ODD_HEADERS)).append("\r\n");
        }
        if (oneIn(60)) {
            head.append("X-Long: ").append("x".repeat(random.nextInt(200_000))).append("\r\n");
        }
        if (oneIn(60)) {
            head.append("X-Many: x\r\n".repeat(random.nextInt(5_000)));
        }
        if (oneIn(5)) {
            head.append("Transfer-Encoding: chunked\r\n");
            body = chunked(body);
        } else {
            head.append("Content-Length: ")
                    .append(oneIn(10) ? random.nextInt(2 * body.length + 2) : body.length)
                    .append("\r\n");
        }
        return broken(joined(bytes(head + "\r\n"), body));
    }

    private String target() {
        if (oneIn(12)) {
            return pick(ADMIN);
        }
        String method = pick(METHODS);
        String shown = oneIn(6) ? badToken() : token;
        String path = oneIn(2)
                ? "/bot" + shown + "/" + method
                : pick(
                        "/bot" + shown + "/test/" + method,
                        "/file/bot" + shown + "/photos/file_1.jpg",
                        "/file/bot" + shown + "/../../etc/passwd",
                        "/file/bot" + shown + "/%2e%2e%2f%00",
                        "//bot" + shown + "/" + method,
                        "/bot" + shown + "//" + method,
                        "/bot" + shown,
                        "http://127.0.0.1/bot" + shown + "/" + method,
                        "*",
                        "/",
                        "",
                        "/%",
                        "/%zz/%c0%af");
        return switch (random.nextInt(12)) {
            case 0 -> path + "?chat_id=" + pick(CHATS) + "&text=" + PRIVATE;
            case 1 -> path + "?text=%" + pick("", "z", "ff%fe", "C3", "00") + PRIVATE + "&chat_id=1";
            case 2 -> path + "?" + "a=b&".repeat(random.nextInt(20_000));
            case 3 -> path + "?" + noise(60).replaceAll("[\\s\\u0000]", "+") + PRIVATE;
            case 4 -> path + "#?chat_id=1";
            case 5 -> path + ";a=b";
            case 6 -> percent(path);
            default -> path;
        };
    }

    private String badToken() {
        String secret = token.substring(token.indexOf(':') + 1);
        return pick(
                token.replace(":", "%3A"),
                token.replace(":", "%3a") + "%00",
                token + "x",
                token.toLowerCase(java.util.Locale.ROOT),
                "0" + token,
                "1:" + secret,
                ":" + secret,
                secret,
                token + "%0d%0aX: y",
                token.replace(':', ';'),
                percent(token));
    }

    private Body body() {
        // Mostly a chat that nobody wrote to yet, or its limit would end it.
        String chat = oneIn(2) ? pick(CHATS) : Integer.toString(random.nextInt(1, 1_000_000));
        String text = PRIVATE + " " + (oneIn(2) ? Integer.toString(random.nextInt(50)) : noise(80));
        return switch (random.nextInt(12)) {
            case 0 -> new Body(JSON, bytes("{\"chat_id\":" + chat + ",\"text\":\"" + text + "\"}"));
            case 1 ->
                new Body(
                        JSON,
                        bytes("{\"chat_id\":1,\"chat_id\":2,\"text\":{\"a\":[" + "[".repeat(random.nextInt(3_000))));
            case 2 -> new Body(JSON, bytes("[".repeat(random.nextInt(20_000)) + "]"));
            case 3 -> new Body(JSON, bytes("{\"chat_id\":1,\"text\":\"\\ud800\\uZZZZ" + PRIVATE + "\"}"));
            case 4 -> new Body(FORM, bytes("chat_id=" + chat + "&text=" + text));
            case 5 -> new Body(FORM, bytes("chat_id=1&text=%&text=%C3%28&&=&=" + PRIVATE + "&chat_id[]=2"));
            case 6 -> new Body(FORM, bytes("&".repeat(random.nextInt(30_000))));
            case 7 -> new Body(MULTIPART, multipart(chat, text));
            case 8 -> new Body(MULTIPART, multipart(chat, "x".repeat(random.nextInt(300_000))));
            case 9 -> new Body(FORM, new byte[0]);
            case 10 ->
                new Body(
                        JSON,
                        bytes("{\"chat_id\":1e" + random.nextInt(400) + ",\"message_ids\":["
                                + "1,".repeat(random.nextInt(300)) + "1],\"media\":\"[" + text + "]\"}"));
            default -> new Body(pick(TYPES), bytes(noise(2_000)));
        };
    }

    private byte[] multipart(String chat, String text) {
        String part = "--b\r\nContent-Disposition: form-data; name=\"";
        return bytes(part + "chat_id\"\r\n\r\n" + chat + "\r\n"
                + part + pick("photo", "document", "", "\"", "é", "a\r\nb") + "\"; filename=\""
                + pick(PRIVATE, "..\\..\\x", "", "\"")
                + "\"\r\nContent-Type: " + pick("image/jpeg", "multipart/mixed; boundary=c", "", "/")
                + pick("", "\r\nContent-Transfer-Encoding: base64", "\r\n" + "X: y\r\n".repeat(200)) + "\r\n\r\n" + text
                + pick("\r\n--b--\r\n", "\r\n--b--", "\r\n--b", "", "--b--", "\r\n--b\r\n\r\n\r\n--b--\r\n"));
    }

    private byte[] chunked(byte[] body) {
        return switch (random.nextInt(6)) {
            case 0 -> joined(bytes("zz\r\n"), body);
            case 1 -> joined(bytes("ffffffffffffffff\r\n"), body);
            case 2 -> joined(bytes("-1\r\n"), body);
            case 3 ->
                joined(
                        bytes(Integer.toHexString(body.length) + ";" + "e".repeat(random.nextInt(20_000)) + "\r\n"),
                        body,
                        bytes("0\r\n\r\n"));
            case 4 ->
                joined(
                        bytes(Integer.toHexString(body.length) + "\r\n"),
                        body,
                        bytes("\r\n0\r\nContent-Length: 5\r\nX: y\r\n\r\n"));
            default ->
                joined(
                        bytes(Integer.toHexString(body.length) + "\r\n"),
                        body,
                        bytes(body.length == 0 ? "\r\n" : "\r\n0\r\n\r\n"));
        };
    }

    /** Leaves most as they are, so that they get past the first gate. */
    private byte[] broken(byte[] request) {
        if (request.length == 0) {
            return request;
        }
        return switch (random.nextInt(10)) {
            case 0 -> Arrays.copyOf(request, random.nextInt(request.length));
            case 1 -> {
                for (int i = random.nextInt(8); i >= 0; i--) {
                    request[random.nextInt(request.length)] = (byte) random.nextInt(256);
                }
                yield request;
            }
            case 2 -> {
                int cut = random.nextInt(request.length);
                byte[] rest = Arrays.copyOfRange(request, cut, request.length);
                yield joined(Arrays.copyOf(request, cut), bytes(noise(20)), rest);
            }
            default -> request;
        };
    }

    private byte[] gzipped(byte[] body) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(oneIn(10) ? new byte[3_000_000] : body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] packed = out.toByteArray();
        return oneIn(3) ? Arrays.copyOf(packed, random.nextInt(packed.length)) : packed;
    }

    private String percent(String text) {
        var encoded = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            encoded.append(oneIn(5) ? String.format("%%%02x", (int) c) : c);
        }
        return encoded.toString();
    }

    private String noise(int most) {
        var noise = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) {
            noise.append((char) random.nextInt(256));
        }
        return noise.toString();
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
