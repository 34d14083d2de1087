package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Reply;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.MethodSet;
import dev.sluice.server.gateway.FakeDelivery.Signed;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metered calls over real HTTP, in front of a fake pipeline and a raw upstream. */
class MeteredCallTest {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream;
    private final GatewayFixture gateway;

    MeteredCallTest() throws IOException {
        upstream = new RawUpstream();
        gateway = new GatewayFixture(
                upstream.url(),
                delivery,
                s -> s.withRules(bot -> BotRules.NONE
                        .withSkipLimits(bot.value() == 2000)
                        .withDedupeContent(MethodSet.of(List.of("sendPoll")))),
                s -> s,
                GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sendMessage",
                "SENDMESSAGE",
                "editmessagetext",
                "forwardMessage",
                "copyMessage",
                "sendFutureThing"
            })
    void every_parameter_style_is_the_same_call_and_goes_on_as_it_came(String method) throws Exception {
        String path = GatewayFixture.path(method);
        String text = "hällo & [1, 2] 100% +";
        String encoded = "chat_id=-100&text=" + URLEncoder.encode(text, StandardCharsets.UTF_8)
                + "&reply_markup=%7B%22a%22%3A%5B1%2C2%5D%7D&future=x";
        String json = "{\"future\":\"x\",\"reply_markup\":{\"a\": [1,2]},\"text\":\"" + text + "\",\"chat_id\":-100}";
        String multipart = Multipart.of("b1")
                .field("text", new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .field("future", "x")
                .field("reply_markup", "{\"a\":[1,2]}")
                .field("chat_id", "-100")
                .end();

        assertThat(gateway.get(path + "?" + encoded).statusCode()).isEqualTo(200);
        gateway.post(path, FORM, encoded);
        gateway.post(path, FORM + "; charset=UTF-8", encoded.substring(encoded.indexOf("text")) + "&chat_id=-100");
        gateway.post(path, "application/json", json);
        gateway.post(path, "Application/JSON; charset=utf-8", json);
        gateway.post(path, "multipart/form-data; boundary=b1", multipart);
        gateway.post(
                path + "?chat_id=-100&future=x",
                "application/json",
                "{\"text\":\"" + text + "\",\"reply_markup\":\"{\\\"a\\\":[1,2]}\"}");

        assertThat(delivery.calls)
                .hasSize(7)
                .extracting(OutboundCall::fingerprint)
                .containsOnly(delivery.calls.getFirst().fingerprint());
        assertThat(delivery.calls).extracting(OutboundCall::chat).containsOnly(Optional.of(ChatId.of(-100)));
        await().untilAsserted(() -> assertThat(delivery.receipts).hasSize(7).containsOnly(Signed.ANSWERED));
        assertThat(upstream.requests(method)).hasSize(7);
        assertThat(upstream.requests(method).get(0).target()).isEqualTo(path + "?" + encoded);
        assertThat(upstream.requests(method).get(1).text()).isEqualTo(encoded);
        assertThat(upstream.requests(method).get(3).text()).isEqualTo(json);
        assertThat(upstream.requests(method).get(4).headers())
                .containsEntry("Content-Type", "Application/JSON; charset=utf-8");
        assertThat(upstream.requests(method).get(5).text()).isEqualTo(multipart);
    }

    @Test
    void other_content_is_another_call() throws Exception {
        gateway.json("sendMessage", "{\"chat_id\":1,\"text\":\"a\"}");
        gateway.json("sendMessage", "{\"chat_id\":1,\"text\":\"b\"}");
        String upload = "multipart/form-data; boundary=b1";
        gateway.post(
                GatewayFixture.path("sendPhoto"),
                upload,
                Multipart.of("b1").file("photo", "one").field("chat_id", "1").end());
        gateway.post(
                GatewayFixture.path("sendPhoto"),
                upload,
                Multipart.of("b1").file("photo", "two").field("chat_id", "1").end());

        assertThat(delivery.calls)
                .hasSize(4)
                .extracting(OutboundCall::fingerprint)
                .doesNotHaveDuplicates();
    }

    @Test
    void files_count_by_content_wherever_the_chat_id_stands_and_whatever_their_attachment_is_called() throws Exception {
        String upload = "multipart/form-data; boundary=b1";
        gateway.post(
                GatewayFixture.path("sendPhoto"),
                upload,
                Multipart.of("b1").file("photo", 200_000).field("chat_id", "1").end());
        gateway.post(
                GatewayFixture.path("sendPhoto"),
                upload,
                Multipart.of("b1").field("chat_id", "1").file("photo", 200_000).end());
        String first = Multipart.of("b1")
                .field("media", "[{\"type\":\"photo\",\"media\":\"attach://x1\"}]")
                .file("x1", "img")
                .field("chat_id", "1")
                .end();
        String second = Multipart.of("b1")
                .field("chat_id", "1")
                .file("y9", "img")
                .field("media", "[{\"media\":\"attach://y9\",\"type\":\"photo\"}]")
                .end();
        gateway.post(GatewayFixture.path("sendMediaGroup"), upload, first);
        gateway.post(GatewayFixture.path("sendMediaGroup"), upload, second);

        assertThat(delivery.calls).hasSize(4);
        assertThat(print(0)).isEqualTo(print(1));
        assertThat(print(2)).isEqualTo(print(3));
        assertThat(delivery.calls).extracting(OutboundCall::chat).containsOnly(Optional.of(ChatId.of(1)));
    }

    @Test
    void the_call_carries_what_its_headers_ask_and_they_are_not_forwarded() throws Exception {
        gateway.json(
                "sendMediaGroup",
                "{\"chat_id\":\"@Shop\",\"media\":[1,2,3],\"allow_paid_broadcast\":true}",
                "X-Sluice-Max-Wait",
                "12.5",
                "X-Sluice-Priority",
                "low",
                "Idempotency-Key",
                "order-17",
                "X-Sluice-Idempotency-TTL",
                "60",
                "Authorization",
                "Bearer x",
                "Cookie",
                "a=b",
                "X-Custom",
                "kept");

        OutboundCall call = delivery.calls.getFirst();
        assertThat(call.bot()).isEqualTo(Accounts.BOT.token().bot());
        assertThat(call.chat()).contains(new ChatId("@shop"));
        assertThat(call.cost()).isEqualTo(3);
        assertThat(call.paid()).isTrue();
        assertThat(call.maxWait()).isEqualTo(Duration.ofMillis(12_500));
        assertThat(call.priority()).isEqualTo(Priority.LOW);
        assertThat(call.keep()).isEqualTo(Duration.ofMinutes(1));
        assertThat(call.key()).isPresent();
        assertThat(call.skipLimits()).isFalse();
        assertThat(upstream.requests("sendMediaGroup").getFirst().headers())
                .containsEntry("X-Custom", "kept")
                .doesNotContainKeys(
                        "X-Sluice-Max-Wait",
                        "X-Sluice-Priority",
                        "Idempotency-Key",
                        "X-Sluice-Idempotency-TTL",
                        "Authorization",
                        "Cookie");
    }

    @Test
    void content_becomes_the_key_where_the_call_or_the_bots_rules_say_so() throws Exception {
        gateway.json("sendMessage", "{\"chat_id\":1}");
        gateway.json("sendMessage", "{\"chat_id\":1}", "X-Sluice-Dedupe", "content");
        gateway.json("sendPoll", "{\"chat_id\":1}");
        gateway.json("sendPoll", "{\"chat_id\":1}", "X-Sluice-Dedupe", "off");

        assertThat(delivery.calls).extracting(call -> call.key().isPresent()).containsExactly(false, true, true, false);
    }

    @Test
    void limits_are_skipped_only_by_bots_that_may() throws Exception {
        HttpResponse<String> refused = gateway.json("sendMessage", "{\"chat_id\":1}", "X-Sluice-Skip-Limits", "true");
        String other = "2000:AAE-secret_secret_secret_secret_2000";
        gateway.tokens.trust(Accounts.of(other));
        gateway.post(
                "/bot" + other + "/sendMessage", "application/json", "{\"chat_id\":1}", "X-Sluice-Skip-Limits", "true");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("X-Sluice-Skip-Limits");
        assertThat(delivery.calls)
                .hasSize(1)
                .first()
                .satisfies(call -> assertThat(call.skipLimits()).isTrue());
    }

    @Test
    void calls_without_a_chat_go_their_way() throws Exception {
        gateway.json("editMessageText", "{\"inline_message_id\":\"x\",\"text\":\"t\"}");
        gateway.post(GatewayFixture.path("sendMessage"), "text/plain", "whatever");
        gateway.send(gateway.request(GatewayFixture.path("sendMessage")).POST(BodyPublishers.noBody()));

        assertThat(delivery.calls)
                .hasSize(3)
                .allSatisfy(call -> assertThat(call.chat()).isEmpty());
        assertThat(upstream.requests("sendMessage"))
                .extracting(RawUpstream.Request::text)
                .containsExactly("whatever", "");
    }

    @Test
    void a_chunked_gzip_body_goes_on_decoded() throws Exception {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write("{\"chat_id\":5,\"text\":\"zip\"}".getBytes(StandardCharsets.UTF_8));
        }
        gateway.send(gateway.request(GatewayFixture.path("sendMessage"))
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(zipped.toByteArray()))));

        assertThat(delivery.calls)
                .hasSize(1)
                .first()
                .satisfies(call -> assertThat(call.chat()).contains(ChatId.of(5)));
        assertThat(upstream.requests("sendMessage").getFirst().text()).isEqualTo("{\"chat_id\":5,\"text\":\"zip\"}");
        assertThat(upstream.requests("sendMessage").getFirst().headers()).doesNotContainKey("Content-Encoding");
    }

    @Test
    void a_query_string_of_60_kilobytes_passes() throws Exception {
        String text = "%D0%B4".repeat(10_000);
        HttpResponse<String> answer = gateway.get(GatewayFixture.path("sendMessage") + "?chat_id=1&text=" + text);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(upstream.requests("sendMessage").getFirst().target()).endsWith("?chat_id=1&text=" + text);
    }

    @Test
    void a_client_that_waits_for_a_100_gets_it() throws Exception {
        String body = "{\"chat_id\":1,\"text\":\"x\"}";
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(
                    socket,
                    "POST " + GatewayFixture.path("sendMessage")
                            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: "
                            + body.length() + "\r\n\r\n");
            assertThat(GatewayFixture.readAnswer(socket)).startsWith("HTTP/1.1 100");
            GatewayFixture.write(socket, body);
            assertThat(GatewayFixture.readAnswer(socket))
                    .startsWith("HTTP/1.1 200")
                    .contains("message_id");
        }
        assertThat(upstream.requests("sendMessage").getFirst().headers()).doesNotContainKey("Expect");
    }

    @Test
    void pipelined_calls_are_answered_in_order() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(200, "{\"ok\":true,\"result\":" + request.text() + "}"));
        var all = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            all.append(GatewayFixture.rawPost(
                    GatewayFixture.path("sendMessage"), "application/json", "{\"n\":" + i + "}"));
        }
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(socket, all.toString());
            for (int i = 0; i < 5; i++) {
                assertThat(GatewayFixture.readAnswer(socket)).contains("\"n\":" + i);
            }
        }
    }

    @Test
    void a_username_is_charged_to_its_id_once_an_answer_has_shown_it() throws Exception {
        upstream.onCalls((request, wire) -> wire.answer(200, "{\"ok\":true,\"result\":{\"chat\":{\"id\":-1005}}}"));
        gateway.json("sendMessage", "{\"chat_id\":\"@Shop\",\"text\":\"a\"}");
        gateway.json("sendMessage", "{\"chat_id\":\"@shop\",\"text\":\"b\"}");

        assertThat(delivery.calls)
                .extracting(call -> call.chat().orElseThrow().value())
                .containsExactly("@shop", "-1005");
        assertThat(upstream.requests("sendMessage").getLast().text()).contains("@shop");
    }

    @Test
    void after_a_migration_the_new_chat_is_put_first_and_all_else_stays() throws Exception {
        upstream.onCalls((request, wire) -> {
            if (request.target().contains("chat_id=-1009")) {
                wire.answer(200, RawUpstream.OK);
            } else {
                wire.answer(400, "{\"ok\":false,\"error_code\":400,\"parameters\":{\"migrate_to_chat_id\":-1009}}");
            }
        });
        delivery.script = (call, caller, sender) -> {
            var first = delivery.attempt(sender, Optional.empty());
            return first instanceof dev.sluice.delivery.Attempt.Answered(Reply reply)
                            && reply.migrateTo().isPresent()
                    ? FakeDelivery.outcome(delivery.attempt(sender, reply.migrateTo()))
                    : FakeDelivery.outcome(first);
        };
        String body =
                Multipart.of("b1").file("photo", 100_000).field("chat_id", "-9").end();
        HttpResponse<String> answer =
                gateway.post(GatewayFixture.path("sendPhoto") + "?a=b", "multipart/form-data; boundary=b1", body);
        gateway.json("sendMessage", "{\"chat_id\":-9}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(upstream.requests("sendPhoto"))
                .extracting(RawUpstream.Request::text)
                .containsExactly(body, body);
        assertThat(upstream.requests("sendPhoto").getLast().target()).endsWith("/sendPhoto?chat_id=-1009&a=b");
        // from now on it is known
        assertThat(delivery.calls.getLast().chat()).contains(ChatId.of(-1009));
        assertThat(upstream.requests("sendMessage"))
                .hasSize(1)
                .first()
                .satisfies(r -> assertThat(r.target()).endsWith("?chat_id=-1009"));
    }

    private Fingerprint print(int call) {
        return delivery.calls.get(call).fingerprint();
    }
}
