package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.telegram.BotId;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TokenTest {
    private static final String WRONG = "1000:AAE-wrong_wrong_wrong_wrong_wrong";

    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream;
    private final GatewayFixture gateway;

    TokenTest() throws IOException {
        upstream = new RawUpstream();
        upstream.onAll((request, wire) -> {
            if (request.target().contains("wrong")) {
                wire.answer(401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
            } else {
                RawUpstream.telegram(request, wire);
            }
        });
        gateway = new GatewayFixture(
                upstream.url(),
                delivery,
                s -> s.withServed(bot -> bot.equals(new BotId(666))
                        ? Serving.NOT_SERVED
                        : bot.equals(new BotId(667)) ? Serving.NOT_KNOWN : Serving.SERVED),
                s -> s,
                GatewayEvents.NONE);
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        upstream.close();
    }

    @Test
    void the_first_call_of_a_token_asks_getMe_once_and_then_goes_out() throws Exception {
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 8; i++) {
            answers.add(gateway.client()
                    .sendAsync(
                            gateway.request(GatewayFixture.path("sendMessage") + "?chat_id=" + (i + 1))
                                    .build(),
                            BodyHandlers.ofString()));
        }
        for (var answer : answers) {
            assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }

        assertThat(upstream.requests("getMe")).hasSize(1);
        assertThat(upstream.requests("sendMessage")).hasSize(8);
    }

    @Test
    void a_body_of_some_megabytes_waits_for_the_check_and_arrives_whole() throws Exception {
        String body = Multipart.of("b")
                .file("document", 5_000_000)
                .field("chat_id", "1")
                .end();

        assertThat(gateway.post(GatewayFixture.path("sendDocument"), "multipart/form-data; boundary=b", body)
                        .statusCode())
                .isEqualTo(200);
        assertThat(upstream.requests("sendDocument").getFirst().text().equals(body))
                .isTrue();
    }

    @Test
    void a_wrong_token_of_a_known_bot_is_401_and_never_reaches_the_pipeline() throws Exception {
        gateway.json("sendMessage", "{\"chat_id\":1}");
        HttpResponse<String> first =
                gateway.post("/bot" + WRONG + "/sendMessage", "application/json", "{\"chat_id\":1}");
        HttpResponse<String> second =
                gateway.post("/bot" + WRONG + "/sendMessage", "application/json", "{\"chat_id\":1}");
        HttpResponse<String> passing = gateway.get("/bot" + WRONG + "/getUpdates");
        HttpResponse<String> file = gateway.get("/file/bot" + WRONG + "/x");

        assertThat(first.statusCode()).isEqualTo(401);
        assertThat(first.body()).isEqualTo("{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
        assertThat(second.statusCode()).isEqualTo(401);
        assertThat(passing.statusCode()).isEqualTo(401);
        assertThat(file.statusCode()).isEqualTo(401);
        assertThat(upstream.requests().stream()
                        .filter(request -> request.target().contains("wrong")))
                .hasSize(1);
        assertThat(delivery.calls).hasSize(1);
        assertThat(gateway.json("sendMessage", "{\"chat_id\":1}").statusCode()).isEqualTo(200);
    }

    @Test
    void a_getMe_that_passes_through_makes_its_token_trusted() throws Exception {
        gateway.get(GatewayFixture.path("getMe"));
        gateway.json("sendMessage", "{\"chat_id\":1}");

        assertThat(upstream.requests("getMe")).hasSize(1);
    }

    @Test
    void a_401_that_passes_through_is_remembered() throws Exception {
        gateway.get("/bot" + WRONG + "/getUpdates");

        assertThat(gateway.get("/bot" + WRONG + "/sendMessage?chat_id=1").statusCode())
                .isEqualTo(401);
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void a_token_that_telegram_refuses_on_sending_is_trusted_no_more() throws Exception {
        gateway.tokens.trust(Accounts.of(WRONG));

        assertThat(gateway.get("/bot" + WRONG + "/sendMessage?chat_id=1").statusCode())
                .isEqualTo(401);
        assertThat(gateway.get("/bot" + WRONG + "/sendMessage?chat_id=1").statusCode())
                .isEqualTo(401);
        assertThat(delivery.calls).hasSize(1);
    }

    @Test
    void a_bot_that_is_not_served_is_401_without_a_question_to_telegram() throws Exception {
        for (String path :
                new String[] {"/bot666:AAE-secret/getMe", "/bot666:AAE-secret/sendMessage", "/file/bot666:AAE-secret/x"
                }) {
            HttpResponse<String> answer = gateway.get(path);

            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).contains("666").doesNotContain("secret");
        }
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void while_nobody_knows_whether_a_bot_is_served_it_is_asked_to_come_again() throws Exception {
        HttpResponse<String> answer = gateway.get("/bot667:AAE-secret/sendMessage");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void the_test_environment_is_checked_and_called_as_such() throws Exception {
        gateway.tokens.trust(Accounts.BOT);
        assertThat(gateway.get("/bot" + GatewayFixture.TOKEN + "/test/sendMessage?chat_id=1")
                        .statusCode())
                .isEqualTo(200);

        assertThat(upstream.requests())
                .extracting(RawUpstream.Request::target)
                .containsExactly(
                        "/bot" + GatewayFixture.TOKEN + "/test/getMe",
                        "/bot" + GatewayFixture.TOKEN + "/test/sendMessage?chat_id=1");
    }

    @Test
    void past_the_bound_of_concurrent_calls_the_next_is_429_and_after_the_stop_503() throws Exception {
        var small = new FakeDelivery();
        var waiting = new CountDownLatch(1);
        var proceed = new CountDownLatch(1);
        small.script = (call, caller, sender) -> {
            waiting.countDown();
            proceed.await(10, TimeUnit.SECONDS);
            return small.sendOnce(call, caller, sender);
        };
        try (var one =
                new GatewayFixture(upstream.url(), small, s -> s.withConcurrentCalls(1), s -> s, GatewayEvents.NONE)) {
            one.tokens.trust(Accounts.BOT);
            var first = one.client()
                    .sendAsync(
                            one.request(GatewayFixture.path("sendMessage") + "?chat_id=1")
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

            HttpResponse<String> full = one.json("sendMessage", "{\"chat_id\":2}");
            assertThat(full.statusCode()).isEqualTo(429);
            assertThat(full.body()).contains("\"retry_after\":1", "\"scope\":\"waiting\"");
            one.gateway.stopAccepting();
            HttpResponse<String> stopped = one.json("sendMessage", "{\"chat_id\":2}");
            assertThat(stopped.statusCode()).isEqualTo(503);
            assertThat(stopped.headers().firstValue("Retry-After")).contains("1");
            assertThat(one.gateway.awaitQuiet(java.time.Duration.ofMillis(10))).isFalse();
            proceed.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(one.gateway.awaitQuiet(java.time.Duration.ofSeconds(10))).isTrue();
        }
        await().until(() -> small.receipts.size() == 1);
    }
}
