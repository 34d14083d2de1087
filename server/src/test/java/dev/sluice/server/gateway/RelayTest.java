package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes straight through. */
class RelayTest {
    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream;
    private final AtomicInteger repeated = new AtomicInteger();

    private GatewayFixture gateway;

    RelayTest() throws IOException {
        upstream = new RawUpstream();
        gateway = gateway(s -> s);
    }

    private GatewayFixture gateway(UnaryOperator<UpstreamSettings> settings) throws IOException {
        return new GatewayFixture(
                upstream.url(),
                delivery,
                s -> s.withRepetition(
                        new Repetition(3, Duration.ofMillis(1), Duration.ofMillis(4), Duration.ofSeconds(10))),
                settings,
                new GatewayEvents() {
                    @Override
                    public void repeated() {
                        repeated.incrementAndGet();
                    }
                });
    }

    /** Only where the timeout is what is tested: a busy machine may take as long for what is answered at once. */
    private void givesUpAfter(Duration timeout) throws IOException {
        gateway.close();
        gateway = gateway(s -> s.withTimeout(timeout).withLongPollMargin(timeout));
    }

    @AfterEach
    void close() throws IOException {
        await().until(() -> gateway.gateway.inFlight() == 0);
        gateway.close();
        upstream.close();
        assertThat(delivery.calls).isEmpty();
    }

    @Test
    void a_call_passes_with_body_query_headers_and_answer_unchanged() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(
                400,
                "application/json",
                "{\"ok\":false,\"error_code\":400}".getBytes(StandardCharsets.UTF_8),
                "X-Upstream: yes",
                "Keep-Alive: timeout=5",
                "Connection: X-Hop",
                "X-Hop: 1"));

        HttpResponse<String> answer = gateway.post(
                GatewayFixture.path("answerCallbackQuery") + "?a=%25+b",
                "application/json",
                "{\"broken",
                "X-Custom",
                "1",
                "X-Sluice-Max-Wait",
                "nonsense");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("{\"ok\":false,\"error_code\":400}");
        assertThat(answer.headers().firstValue("X-Upstream")).contains("yes");
        assertThat(answer.headers().firstValue("X-Hop")).isEmpty();
        RawUpstream.Request request = upstream.requests("answerCallbackQuery").getFirst();
        assertThat(request.line())
                .isEqualTo("POST " + GatewayFixture.path("answerCallbackQuery") + "?a=%25+b HTTP/1.1");
        assertThat(request.text()).isEqualTo("{\"broken");
        assertThat(request.headers())
                .containsEntry("X-Custom", "1")
                .containsEntry("Content-Type", "application/json")
                .doesNotContainKey("X-Sluice-Max-Wait");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sendChatAction",
                "deleteMessage",
                "setWebhook",
                "answerInlineQuery",
                "banChatMember",
                "futureMethod"
            })
    void whatever_is_not_metered_passes(String method) throws Exception {
        assertThat(gateway.json(method, "{\"chat_id\":1}").statusCode()).isEqualTo(200);
        assertThat(upstream.requests(method)).hasSize(1);
    }

    @Test
    void a_long_body_streams_with_its_length_or_in_chunks() throws Exception {
        String body = "y".repeat(3_000_000);
        gateway.post(GatewayFixture.path("uploadStickerFile"), "application/octet-stream", body);
        gateway.send(gateway.request(GatewayFixture.path("uploadStickerFile"))
                .POST(BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.US_ASCII)))));

        assertThat(upstream.requests("uploadStickerFile"))
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.text().equals(body)).isTrue());
        assertThat(upstream.requests("uploadStickerFile").get(0).headers()).containsEntry("Content-Length", "3000000");
        assertThat(upstream.requests("uploadStickerFile").get(1).headers())
                .containsEntry("Transfer-Encoding", "chunked");
    }

    @Test
    void a_file_is_downloaded_with_its_range_and_conditions() throws Exception {
        byte[] file = new byte[2_000_000];
        new java.util.SplittableRandom(1).nextBytes(file);
        upstream.onAll((request, wire) -> {
            if (request.headers().containsKey("If-None-Match")) {
                wire.write("HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\n\r\n");
            } else {
                wire.answer(request.headers().containsKey("Range") ? 206 : 200, "image/jpeg", file, "ETag: \"e\"");
            }
        });
        String path = "/file/bot" + GatewayFixture.TOKEN + "/photos/file_1.jpg";

        HttpResponse<byte[]> whole = gateway.client().send(gateway.request(path).build(), BodyHandlers.ofByteArray());
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(file);
        assertThat(whole.headers().firstValue("ETag")).contains("\"e\"");
        assertThat(whole.headers().firstValue("Content-Type")).contains("image/jpeg");
        assertThat(gateway.send(gateway.request(path).header("Range", "bytes=0-1"))
                        .statusCode())
                .isEqualTo(206);
        assertThat(gateway.send(gateway.request(path).header("If-None-Match", "\"e\""))
                        .statusCode())
                .isEqualTo(304);
        assertThat(upstream.requests().get(1).headers()).containsEntry("Range", "bytes=0-1");
    }

    @Test
    void a_head_of_a_file_is_passed_on_and_has_no_body() throws Exception {
        upstream.onAll((request, wire) ->
                wire.write("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 12345\r\n\r\n"));

        HttpResponse<String> answer = gateway.send(
                gateway.request("/file/bot" + GatewayFixture.TOKEN + "/a.jpg").method("HEAD", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Length")).contains("12345");
        assertThat(upstream.requests().getFirst().line()).startsWith("HEAD ");
    }

    @Test
    void a_repeatable_call_is_repeated_after_a_5xx_or_a_broken_connection() throws Exception {
        var tries = new AtomicInteger();
        upstream.onCalls((request, wire) -> {
            switch (tries.incrementAndGet()) {
                case 1 -> wire.answer(500, "{\"ok\":false,\"error_code\":500}");
                case 2 -> wire.close();
                case 3 -> wire.answer(502, "text/html", "<html>".getBytes(StandardCharsets.UTF_8));
                default -> wire.answer(200, "{\"ok\":true}");
            }
        });

        HttpResponse<String> answer = gateway.json("getChat", "{\"chat_id\":1}");

        assertThat(answer.body()).isEqualTo("{\"ok\":true}");
        assertThat(upstream.requests("getChat"))
                .hasSize(4)
                .allSatisfy(request -> assertThat(request.text()).isEqualTo("{\"chat_id\":1}"));
        assertThat(repeated).hasValue(3);
    }

    @Test
    void a_call_is_repeated_no_more_often_than_set_and_then_told_as_it_is() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(500, "{\"ok\":false,\"error_code\":500}"));

        HttpResponse<String> answer = gateway.get(GatewayFixture.path("getChat") + "?chat_id=1");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("{\"ok\":false,\"error_code\":500}");
        assertThat(upstream.requests("getChat")).hasSize(4);
    }

    @Test
    void a_call_that_is_not_repeatable_is_tried_once() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(500, "{\"ok\":false,\"error_code\":500}"));
        assertThat(gateway.json("setWebhook", "{}").statusCode()).isEqualTo(500);
        upstream.onCalls((request, wire) -> wire.close());
        HttpResponse<String> unknown = gateway.json("answerCallbackQuery", "{}");

        assertThat(unknown.statusCode()).isEqualTo(504);
        assertThat(unknown.body()).contains("\"outcome\":\"unknown\"");
        assertThat(upstream.requests("setWebhook")).hasSize(1);
        assertThat(upstream.requests("answerCallbackQuery")).hasSize(1);
    }

    @Test
    void a_429_is_not_repeated() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(429, "{\"ok\":false,\"parameters\":{\"retry_after\":9}}"));

        assertThat(gateway.get(GatewayFixture.path("getChat")).statusCode()).isEqualTo(429);
        assertThat(upstream.requests("getChat")).hasSize(1);
    }

    @Test
    void html_becomes_an_envelope_with_the_right_status() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(
                request.is("setWebhook") ? 503 : 200, "text/html", "<html>".getBytes(StandardCharsets.UTF_8)));

        HttpResponse<String> down = gateway.json("setWebhook", "{}");
        HttpResponse<String> portal = gateway.json("getChat", "{}");

        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.body()).startsWith("{\"ok\":false,\"error_code\":503");
        assertThat(portal.statusCode()).isEqualTo(502);
        assertThat(portal.body()).startsWith("{\"ok\":false,\"error_code\":502");
    }

    @Test
    void a_long_poll_may_take_its_own_timeout_and_other_calls_may_not() throws Exception {
        givesUpAfter(Duration.ofMillis(700));
        upstream.onCalls((request, wire) -> {
            if (request.is("getChat")) {
                wire.awaitClose();
            } else {
                await().pollDelay(Duration.ofMillis(1500)).until(() -> true);
                wire.answer(200, "{\"ok\":true,\"result\":[]}");
            }
        });

        assertThat(gateway.json("getUpdates", "{\"timeout\":8}").statusCode()).isEqualTo(200);
        assertThat(gateway.get(GatewayFixture.path("GETUPDATES") + "?timeout=8").statusCode())
                .isEqualTo(200);
        HttpResponse<String> late = gateway.json("getChat", "{\"timeout\":8}");
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body()).startsWith("{\"ok\":false,\"error_code\":504");
        assertThat(upstream.requests("getChat")).hasSize(1);
    }

    @Test
    void half_an_answer_is_not_passed_off_as_a_whole_one() throws Exception {
        upstream.onCalls((request, wire) -> {
            if (request.is("getFile")) {
                wire.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"ok\":true");
            } else {
                wire.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ok\"\r\n");
            }
            wire.close();
        });

        assertThatThrownBy(() -> gateway.json("getFile", "{}")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> gateway.json("getChat", "{}")).isInstanceOf(IOException.class);
    }

    @Test
    void an_upstream_that_stalls_amid_its_answer_is_cut_off() throws Exception {
        givesUpAfter(Duration.ofSeconds(2));
        upstream.onCalls((request, wire) -> {
            wire.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"ok\":true");
            wire.awaitClose();
        });

        assertThatThrownBy(() -> gateway.json("getFile", "{}")).isInstanceOf(IOException.class);
    }

    @Test
    void a_caller_that_does_not_read_holds_the_upstream_back_and_is_cut_off_in_the_end() throws Exception {
        givesUpAfter(Duration.ofSeconds(2));
        byte[] file = new byte[64 << 20];
        upstream.onAll((request, wire) -> wire.answer(200, "image/jpeg", file));
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(socket, "GET /file/bot" + GatewayFixture.TOKEN + "/a.jpg HTTP/1.1\r\nHost: x\r\n\r\n");

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> upstream.requests().size() == 1 && gateway.gateway.inFlight() == 0);
        }
    }

    @Test
    void nobody_listening_is_a_502_after_the_repetitions() throws Exception {
        upstream.close();

        HttpResponse<String> answer = gateway.json("getMe", "{}");
        HttpResponse<String> once = gateway.json("setWebhook", "{}");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("not reached (connect)");
        assertThat(once.statusCode()).isEqualTo(502);
        assertThat(repeated).hasValue(3);
    }
}
