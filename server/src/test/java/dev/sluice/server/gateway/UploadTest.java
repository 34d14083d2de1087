package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Attempt;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UploadTest {
    private static final String TYPE = "multipart/form-data; boundary=b";
    private static final String DOCUMENT = GatewayFixture.path("sendDocument");

    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream = new RawUpstream();
    private @Nullable GatewayFixture gateway;

    UploadTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        if (gateway != null) {
            gateway.close();
        }
        upstream.close();
    }

    @Test
    void a_large_upload_goes_through_a_file_byte_by_byte_the_same_as_often_as_it_is_tried() throws Exception {
        GatewayFixture gateway = start(s -> s);
        String body = Multipart.of("b")
                .file("document", "0123456789abcdef\r\n--".repeat(500_000))
                .field("chat_id", "42")
                .end();
        delivery.script = (call, caller, sender) -> {
            delivery.attempt(sender, Optional.empty());
            return FakeDelivery.outcome(delivery.attempt(sender, Optional.empty()));
        };

        HttpResponse<String> answer = gateway.post(DOCUMENT, TYPE, body);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(delivery.attempts)
                .hasSize(2)
                .allSatisfy(attempt -> assertThat(attempt).isInstanceOf(Attempt.Answered.class));
        assertThat(upstream.requests("sendDocument")).hasSize(2).allSatisfy(request -> {
            assertThat(request.body().length).isEqualTo(body.length());
            assertThat(request.text().equals(body)).isTrue();
            assertThat(request.headers()).containsEntry("Content-Length", Integer.toString(body.length()));
        });
    }

    @Test
    void a_chunked_upload_goes_on_with_its_length() throws Exception {
        GatewayFixture gateway = start(s -> s);
        byte[] body = Multipart.of("b")
                .file("document", 300_000)
                .field("chat_id", "42")
                .end()
                .getBytes(StandardCharsets.US_ASCII);

        gateway.send(gateway.request(DOCUMENT)
                .header("Content-Type", TYPE)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));

        assertThat(upstream.requests("sendDocument")).hasSize(1).first().satisfies(request -> {
            assertThat(request.body()).isEqualTo(body);
            assertThat(request.headers()).containsEntry("Content-Length", Integer.toString(body.length));
        });
    }

    @Test
    void while_a_call_waits_its_large_body_is_in_a_file_without_a_name() throws Exception {
        GatewayFixture gateway = start(s -> s);
        var waiting = new CountDownLatch(1);
        var proceed = new CountDownLatch(1);
        delivery.script = (call, caller, sender) -> {
            waiting.countDown();
            proceed.await(10, TimeUnit.SECONDS);
            return delivery.sendOnce(call, caller, sender);
        };
        var answer = gateway.client()
                .sendAsync(
                        gateway.request(DOCUMENT)
                                .header("Content-Type", TYPE)
                                .POST(BodyPublishers.ofString(Multipart.of("b")
                                        .file("document", 1_000_000)
                                        .end()))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(gateway.gateway.spooledBytes()).isGreaterThan(1_000_000);
        try (var files = Files.list(gateway.spool)) {
            assertThat(files).isEmpty();
        }
        proceed.countDown();
        assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        await().until(() -> gateway.gateway.spooledBytes() == 0);
    }

    @Test
    void an_upload_of_100_megabytes_is_413_before_it_is_sent_when_its_length_is_said() throws Exception {
        GatewayFixture gateway = start(s -> s);
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(
                    socket,
                    "POST " + DOCUMENT + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + TYPE
                            + "\r\nContent-Length: 100000000\r\n\r\n");

            assertTooLarge(GatewayFixture.readAnswer(socket));
        }
        assertNothingHappened(gateway);
    }

    @Test
    void a_client_that_waits_for_a_100_gets_its_413_instead() throws Exception {
        GatewayFixture gateway = start(s -> s);
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(
                    socket,
                    "POST " + DOCUMENT + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + TYPE
                            + "\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n");

            assertTooLarge(GatewayFixture.readAll(socket));
        }
        assertNothingHappened(gateway);
    }

    @Test
    void a_client_that_writes_100_megabytes_before_it_reads_sees_its_413() throws Exception {
        GatewayFixture gateway = start(s -> s);
        for (String length : new String[] {"Content-Length: 100000000", "Transfer-Encoding: chunked"}) {
            long before = usedMemory();
            try (Socket socket = gateway.connect()) {
                GatewayFixture.write(
                        socket,
                        "POST " + DOCUMENT + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + TYPE + "\r\n" + length
                                + "\r\n\r\n");
                write100MB(
                        socket.getOutputStream(),
                        length.startsWith("T"),
                        Multipart.of("b").file("document", 0).unfinished());

                assertTooLarge(GatewayFixture.readAnswer(socket));
            }
            assertThat(usedMemory() - before).isLessThan(60L << 20);
        }
        assertNothingHappened(gateway);
    }

    @Test
    void the_java_client_sees_the_413_too() throws Exception {
        GatewayFixture gateway = start(s -> s.withUpload(1 << 20));
        HttpResponse<String> answer = gateway.send(gateway.request(DOCUMENT)
                .header("Content-Type", TYPE)
                .POST(BodyPublishers.ofString(
                        Multipart.of("b").file("document", 5 << 20).end())));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertNothingHappened(gateway);
    }

    @Test
    void a_zip_bomb_is_413() throws Exception {
        GatewayFixture gateway = start(s -> s);
        var bomb = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bomb)) {
            new ZeroStream(200 << 20).transferTo(gzip);
        }
        long before = usedMemory();
        HttpResponse<String> answer = gateway.send(gateway.request(DOCUMENT)
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(bomb.toByteArray())));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(usedMemory() - before).isLessThan(60L << 20);
        assertNothingHappened(gateway);
    }

    @Test
    void all_spools_together_have_a_bound() throws Exception {
        GatewayFixture gateway = start(s -> s.withTotal(1 << 20));
        var waiting = new CountDownLatch(1);
        var proceed = new CountDownLatch(1);
        delivery.script = (call, caller, sender) -> {
            waiting.countDown();
            proceed.await(10, TimeUnit.SECONDS);
            return delivery.sendOnce(call, caller, sender);
        };
        String body = Multipart.of("b").file("document", 700_000).end();
        var first = gateway.client()
                .sendAsync(
                        gateway.request(DOCUMENT)
                                .header("Content-Type", TYPE)
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(gateway.post(DOCUMENT, TYPE, body).statusCode()).isEqualTo(413);
        proceed.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        await().until(() -> gateway.gateway.spooledBytes() == 0);
        assertThat(gateway.post(DOCUMENT, TYPE, body).statusCode()).isEqualTo(200);
    }

    @Test
    void without_memory_to_spare_even_a_small_body_goes_through_a_file() throws Exception {
        GatewayFixture gateway = start(s -> s.withMemory(0, 0));

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(upstream.requests("sendMessage").getFirst().text()).isEqualTo("{\"chat_id\":42,\"text\":\"hi\"}");
    }

    @Test
    void parameters_are_bounded_far_below_uploads() throws Exception {
        GatewayFixture gateway = start(s -> s);
        String long5 = "x".repeat(5 << 20);

        assertThat(gateway.json("sendMessage", "{\"text\":\"" + long5 + "\"}").statusCode())
                .isEqualTo(413);
        assertThat(gateway.post(
                                GatewayFixture.path("sendMessage"),
                                "application/x-www-form-urlencoded",
                                "text=" + long5)
                        .statusCode())
                .isEqualTo(413);
        assertThat(gateway.post(
                                DOCUMENT,
                                TYPE,
                                Multipart.of("b").field("text", long5).end())
                        .statusCode())
                .isEqualTo(413);
        assertNothingHappened(gateway);
        String long1 = "{\"chat_id\":7,\"text\":\"" + "x".repeat(1 << 20) + "\"}";
        assertThat(gateway.json("sendMessage", long1).statusCode()).isEqualTo(200);
        assertThat(upstream.requests("sendMessage").getFirst().text()).isEqualTo(long1);
    }

    @Test
    void a_spool_directory_that_went_away_is_a_clear_503() throws Exception {
        GatewayFixture gateway = start(s -> s);
        Files.delete(gateway.spool);
        try {
            HttpResponse<String> answer = gateway.post(
                    DOCUMENT,
                    TYPE,
                    Multipart.of("b").file("document", 1_000_000).end());

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("not sent");
        } finally {
            Files.createDirectory(gateway.spool);
        }
        assertNothingHappened(gateway);
    }

    @Test
    void a_slow_upload_is_bounded_by_idleness_and_not_by_the_timeout() throws Exception {
        gateway = new GatewayFixture(
                upstream.url(), delivery, s -> s, s -> s.withTimeout(Duration.ofSeconds(2)), GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);
        // More than the timeout in all; the sockets' buffers hold a fraction of it.
        upstream.readingSlowly(Duration.ofMillis(400));
        HttpResponse<String> answer = gateway.post(
                DOCUMENT, TYPE, Multipart.of("b").file("document", 8 << 20).end());

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private GatewayFixture start(UnaryOperator<SpoolSettings> spool) throws IOException {
        GatewayFixture started = new GatewayFixture(
                upstream.url(), delivery, s -> s.withSpool(spool.apply(s.spool())), s -> s, GatewayEvents.NONE);
        started.tokens.trust(Accounts.BOT);
        gateway = started;
        return started;
    }

    private void assertNothingHappened(GatewayFixture gateway) {
        await().until(() -> gateway.gateway.inFlight() == 0 && gateway.gateway.spooledBytes() == 0);
        assertThat(delivery.calls).isEmpty();
        assertThat(upstream.requests()).isEmpty();
    }

    private static void assertTooLarge(String answer) {
        assertThat(answer)
                .startsWith("HTTP/1.1 413")
                .contains("{\"ok\":false,\"error_code\":413,\"description\":\"Request Entity Too Large");
    }

    private static void write100MB(OutputStream out, boolean chunked, String start) throws IOException {
        byte[] megabyte = "x".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 100; i++) {
            if (chunked) {
                out.write("f4240\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            byte[] begin = start.getBytes(StandardCharsets.US_ASCII);
            out.write(begin, 0, i == 0 ? begin.length : 0);
            out.write(megabyte, 0, megabyte.length - (i == 0 ? begin.length : 0));
            if (chunked) {
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
        if (chunked) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.flush();
    }

    private static long usedMemory() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** As many zeros as asked for. */
    private static final class ZeroStream extends InputStream {
        private int left;

        ZeroStream(int length) {
            left = length;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int read = Math.min(left, length);
            left -= read;
            java.util.Arrays.fill(into, offset, offset + read, (byte) 0);
            return read;
        }
    }
}
