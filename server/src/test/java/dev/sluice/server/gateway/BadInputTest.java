package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Whatever comes in: a clear envelope, nothing sent, nothing left, and no token in any log at any level. */
class BadInputTest {
    private static final String SECRET = GatewayFixture.TOKEN.substring(GatewayFixture.TOKEN.indexOf(':') + 1);
    private static final String JSON = "application/json";

    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream;
    private final GatewayFixture gateway;
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            String trace =
                    event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            logged.add(event.getLoggerName() + " " + event.getFormattedMessage() + " " + trace);
        }
    };
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();

    BadInputTest() throws IOException {
        appender.start();
        root.addAppender(appender);
        for (String name : new String[] {"dev.sluice", "io.vertx", "io.netty"}) {
            ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.TRACE);
        }
        upstream = new RawUpstream();
        gateway = new GatewayFixture(upstream.url(), delivery);
        gateway.tokens.trust(Accounts.BOT);
    }

    @AfterEach
    void close() throws IOException {
        await().untilAsserted(() -> {
            assertThat(gateway.gateway.inFlight()).isZero();
            assertThat(gateway.gateway.spooledBytes()).isZero();
        });
        gateway.close();
        upstream.close();
        root.detachAppender(appender);
        for (String name : new String[] {"dev.sluice", "io.vertx", "io.netty"}) {
            ((Logger) LoggerFactory.getLogger(name)).setLevel(null);
        }
        assertThat(root.getLevel()).isEqualTo(level);
        assertThat(logged).isNotEmpty().noneMatch(line -> line.contains(SECRET));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/health",
                "/bot",
                "/bot/sendMessage",
                "/botnonsense/sendMessage",
                "/bot1000:/sendMessage",
                "/bot%2e%2e/x",
                "/bot1000:AAE-secret_secret_secret_secret_1000",
                "/bot1000:AAE-secret_secret_secret_secret_1000/a/b/c",
                "/file/bot1000:AAE-secret_secret_secret_secret_1000/%2e%2e/%2e%2e/etc/passwd"
            })
    void an_unknown_path_is_404(String path) throws Exception {
        for (HttpResponse<String> answer : List.of(gateway.get(path), gateway.post(path, JSON, "{}"))) {
            assertEnvelope(answer, 404);
        }
        assertThat(upstream.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PUT", "DELETE", "PATCH", "HEAD", "TRACE", "BREW"})
    void another_http_method_is_405(String method) throws Exception {
        HttpResponse<String> answer = gateway.send(
                gateway.request(GatewayFixture.path("sendMessage")).method(method, BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, POST");
        if (!method.equals("HEAD")) {
            assertEnvelope(answer, 405);
        }
    }

    @Test
    void options_tells_what_is_allowed() throws Exception {
        HttpResponse<String> answer = gateway.send(
                gateway.request(GatewayFixture.path("sendMessage")).method("OPTIONS", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, POST");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | {\"chat_id\":", "application/json | []", "application/json | nonsense",
                "multipart/form-data | x", "multipart/form-data; boundary= | x",
                        "multipart/form-data; boundary=b | garbage"
            })
    void a_body_that_is_not_what_it_says_is_400_and_nothing_is_sent(String type, String body) throws Exception {
        assertEnvelope(gateway.post(GatewayFixture.path("sendMessage"), type, body), 400);
        assertNothingSent();
    }

    @Test
    void a_multipart_body_with_a_nameless_part_is_400() throws Exception {
        assertEnvelope(
                gateway.post(
                        GatewayFixture.path("sendMessage"),
                        "multipart/form-data; boundary=b",
                        "--b\r\nContent-Disposition: nonsense\r\n\r\nx\r\n--b--\r\n"),
                400);
        assertNothingSent();
    }

    @Test
    void a_multipart_body_cut_off_amid_a_file_is_400() throws Exception {
        assertEnvelope(
                gateway.post(
                        GatewayFixture.path("sendPhoto"),
                        "multipart/form-data; boundary=b",
                        Multipart.of("b")
                                .field("chat_id", "1")
                                .file("photo", 100_000)
                                .unfinished()),
                400);
        assertNothingSent();
    }

    @ParameterizedTest
    @CsvSource({"br, application/json", "gzip, multipart/form-data; boundary=b", "zstd, application/json"})
    void a_compression_that_is_not_supported_is_415(String coding, String type) throws Exception {
        assertEnvelope(gateway.post(GatewayFixture.path("sendMessage"), type, "{}", "Content-Encoding", coding), 415);
        assertNothingSent();
    }

    @Test
    void what_is_not_gzip_is_400() throws Exception {
        assertEnvelope(gateway.post(GatewayFixture.path("sendMessage"), JSON, "{}", "Content-Encoding", "gzip"), 400);
        assertNothingSent();
    }

    @Test
    void bad_headers_are_400_and_the_connection_stays_usable() throws Exception {
        try (Socket socket = gateway.connect()) {
            for (int i = 0; i < 3; i++) {
                String call = GatewayFixture.rawPost(GatewayFixture.path("sendMessage"), JSON, "{\"chat_id\":1}");
                GatewayFixture.write(socket, call.replace("Host: x", "Host: x\r\nX-Sluice-Max-Wait: soon"));
                assertThat(GatewayFixture.readAnswer(socket))
                        .startsWith("HTTP/1.1 400")
                        .contains("X-Sluice-Max-Wait is 'soon'; accepted: decimal seconds from 0 to 600");
            }
        }
        assertThat(gateway.json("sendMessage", "{}", "Prefer", "respond-async").statusCode())
                .isEqualTo(501);
        assertNothingSent();
    }

    @Test
    void a_request_line_of_100_kilobytes_is_414_and_giant_headers_are_431() throws Exception {
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(
                    socket,
                    "GET " + GatewayFixture.path("sendMessage") + "?text=" + "x".repeat(100_000)
                            + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(GatewayFixture.readAll(socket))
                    .startsWith("HTTP/1.")
                    .contains(" 414 ")
                    .contains("{\"ok\":false,\"error_code\":414");
        }
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(socket, "GET /x HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(200_000) + "\r\n\r\n");
            assertThat(GatewayFixture.readAll(socket))
                    .startsWith("HTTP/1.")
                    .contains(" 431 ")
                    .contains("{\"ok\":false,\"error_code\":431");
        }
        assertNothingSent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET /x HTTP/1.1\r\nno colon\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n",
                "POST /x HTTP/1.1\r\nContent-Length: nonsense\r\n\r\n",
                "POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void what_is_not_http_is_answered_or_closed_and_harms_nobody(String bytes) throws Exception {
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(socket, bytes);
            socket.shutdownOutput();
            String answer = GatewayFixture.readAll(socket);
            assertThat(answer).doesNotContain("Exception", "HTTP/1.1 5");
        }
        assertThat(gateway.get("/").statusCode()).isEqualTo(404);
    }

    @Test
    void no_random_request_brings_a_5xx_of_our_own_or_a_hang_or_a_leak() throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20260101);
        for (int i = 0; i < 400; i++) {
            String request = randomRequest(random);
            try (Socket socket = gateway.connect()) {
                GatewayFixture.write(socket, request);
                if (random.nextInt(4) > 0) {
                    socket.shutdownOutput();
                    String answer = GatewayFixture.readAll(socket);
                    assertThat(answer).as(request).doesNotContain("HTTP/1.1 5", "Exception");
                }
            } catch (SocketTimeoutException hang) {
                throw new AssertionError("hangs: " + request, hang);
            } catch (IOException reset) {
                // closed on us: said or not, it harms nobody
            }
        }
        assertThat(gateway.json("sendMessage", "{\"chat_id\":1}").statusCode()).isEqualTo(200);
        assertThat(delivery.receipts).hasSizeLessThanOrEqualTo(delivery.calls.size());
    }

    private static String randomRequest(RandomGenerator random) {
        String method = pick(random, "GET", "POST", "POST", "POST", "PUT", "HEAD", "OPTIONS", "X");
        String path = pick(
                random,
                GatewayFixture.path("sendMessage"),
                GatewayFixture.path("sendPhoto"),
                GatewayFixture.path("getMe"),
                GatewayFixture.path("sendMediaGroup"),
                "/bot" + GatewayFixture.TOKEN + "/test/getMe",
                "/file/bot" + GatewayFixture.TOKEN + "/a/b",
                "/bot/x",
                "/",
                "//",
                "/%00",
                "*");
        String query = pick(
                random,
                "",
                "",
                "?chat_id=1",
                "?chat_id=%",
                "?&&=&a",
                "?chat_id=" + noise(random, 20).replaceAll("[\\s#]", "_"));
        String type = pick(
                random,
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=b",
                "multipart/form-data",
                "text/plain",
                "\"");
        String body = pick(
                random,
                "",
                "{}",
                "{\"chat_id\":1}",
                "chat_id=1&text=%",
                Multipart.of("b").field("chat_id", "1").file("p", 10).end(),
                Multipart.of("b").file("p", 10).unfinished(),
                noise(random, 300),
                "{\"chat_id\":" + noise(random, 20),
                "--b\r\n" + noise(random, 50));
        String header = pick(
                random,
                "",
                "",
                "X-Sluice-Max-Wait: 0\r\n",
                "X-Sluice-Priority: " + noise(random, 5).replaceAll("[\\r\\n]", "_") + "\r\n",
                "Content-Encoding: gzip\r\n",
                "Expect: 100-continue\r\n",
                "Idempotency-Key: a\r\n",
                "Connection: close, x\r\n",
                "X-Sluice-Dedupe: content\r\n");
        String length = pick(
                random,
                "Content-Length: " + body.length(),
                "Content-Length: " + body.length(),
                "Content-Length: " + (body.length() + 5),
                "Content-Length: " + body.length() / 2,
                "Transfer-Encoding: chunked");
        String sent = length.startsWith("T") && random.nextBoolean()
                ? Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n"
                : body;
        String request = method + " " + path + query + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\n" + header
                + length + "\r\n\r\n" + sent;
        return random.nextInt(5) == 0 ? request.substring(0, random.nextInt(request.length())) : request;
    }

    private static String noise(RandomGenerator random, int most) {
        var noise = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) {
            noise.append((char) random.nextInt(1, 256));
        }
        return noise.toString();
    }

    private static String pick(RandomGenerator random, String... from) {
        return from[random.nextInt(from.length)];
    }

    private void assertNothingSent() {
        assertThat(delivery.calls).isEmpty();
        assertThat(upstream.requests()).isEmpty();
    }

    private static void assertEnvelope(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body())
                .startsWith("{\"ok\":false,\"error_code\":" + status + ",\"description\":\"")
                .endsWith("}")
                .doesNotContain(SECRET, "Exception", "\tat ");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }
}
