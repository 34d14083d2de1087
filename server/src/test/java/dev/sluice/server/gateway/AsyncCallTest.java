package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.queue.DeliveryPolicy;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.MethodSet;
import dev.sluice.server.bots.Overflow;
import dev.sluice.server.bots.OverflowRules;
import dev.sluice.server.bots.PriorityRule;
import dev.sluice.server.bots.PriorityRules;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AsyncCallTest extends AsyncCallFixture {
    @Test
    void a_call_is_stored_and_answered_at_once_with_the_shape_of_its_own_result() throws Exception {
        var answer = gateway.json("sendMessage", TEXT, "Prefer", "respond-async");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Preference-Applied")).contains("respond-async");
        assertThat(answer.headers().firstValue("Idempotent-Replay")).isEmpty();
        JsonNode json = json(answer);
        assertThat(json.path("ok").asBoolean()).isTrue();
        assertThat(json.path("result").toString())
                .isEqualTo("{\"message_id\":0,\"date\":0,\"chat\":{\"id\":42,\"type\":\"private\"}}");
        assertThat(json.path("sluice").path("outcome").asString()).isEqualTo("queued");
        assertThat(json.path("sluice").path("durable").asBoolean()).isFalse();
        assertThat(delivery.calls).isEmpty();
        assertThat(heard).containsExactly(BOT);
        StoredCall stored = stored(answer);
        assertThat(new String(stored.body(), UTF_8)).isEqualTo(TEXT);
        assertThat(stored.contentType()).contains("application/json");
        assertThat(details(answer).policy()).isEqualTo(DeliveryPolicy.AT_MOST_ONCE);
    }

    @Test
    void a_callback_that_nobody_makes_is_refused_and_never_repeated() throws Exception {
        var unsigned = gateway.json(
                "sendMessage", TEXT, "Prefer", "respond-async", "X-Sluice-Callback", "https://bot.example/secret");
        assertThat(unsigned.statusCode()).isEqualTo(400);
        assertThat(unsigned.body()).contains("SLUICE_CALLBACK_SECRET").doesNotContain("secret\"");
        var malformed =
                gateway.json("sendMessage", TEXT, "Prefer", "respond-async", "X-Sluice-Callback", "ftp://x/secret");
        assertThat(malformed.statusCode()).isEqualTo(400);
        assertThat(malformed.body())
                .contains("X-Sluice-Callback", "http or https")
                .doesNotContain("secret");
        var waiting = gateway.json("sendMessage", TEXT, "X-Sluice-Callback", "https://bot.example/");
        assertThat(waiting.statusCode()).isEqualTo(400);
        assertThat(waiting.body()).contains("respond-async");
        assertThat(queue.statistics(BOT).accepted()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sendMediaGroup | {\"chat_id\":-100,\"media\":[{},{}]} | 2 messages",
                "copyMessages | {\"chat_id\":-100,\"message_ids\":[4,5,6]} | 3 numbers",
                "copyMessage | {\"chat_id\":-100,\"message_id\":4} | {\"message_id\":0}",
                "editMessageText | {\"inline_message_id\":\"x\",\"text\":\"x\"} | true"
            })
    void albums_batches_copies_and_inline_edits_have_shapes_of_their_own(String method, String body, String expected)
            throws Exception {
        JsonNode result =
                json(gateway.json(method, body, "Prefer", "respond-async")).path("result");

        switch (expected) {
            case "2 messages" -> {
                assertThat(result.size()).isEqualTo(2);
                assertThat(result.path(1).path("chat").path("id").asLong()).isEqualTo(-100);
            }
            case "3 numbers" ->
                assertThat(result.toString()).isEqualTo("[{\"message_id\":0},{\"message_id\":0},{\"message_id\":0}]");
            default -> assertThat(result.toString()).isEqualTo(expected);
        }
    }

    @Test
    void only_the_token_that_will_be_needed_is_kept() throws Exception {
        var open = gateway.json("sendMessage", TEXT, "Prefer", "respond-async");
        registered.set(BotToken.parse(GatewayFixture.TOKEN));
        var known = gateway.json("sendMessage", TEXT, "Prefer", "respond-async");

        assertThat(stored(open).token()).isEqualTo(BotToken.parse(GatewayFixture.TOKEN));
        assertThat(stored(known).token()).isEmpty();
    }

    @Test
    void one_key_is_queued_once_and_refused_for_other_content() throws Exception {
        var first = gateway.json("sendMessage", TEXT, "Prefer", "respond-async", "Idempotency-Key", "k");
        var again = gateway.json("sendMessage", TEXT, "Prefer", "respond-async", "Idempotency-Key", "k");
        var other = gateway.json(
                "sendMessage", TEXT.replace("hi", "ho"), "Prefer", "respond-async", "Idempotency-Key", "k");

        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(id(again)).isEqualTo(id(first));
        assertThat(again.headers().firstValue("Idempotent-Replay")).contains("true");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(queue.statistics(BOT).accepted()).isEqualTo(1);
        assertThat(delivery.calls).isEmpty();
    }

    @Test
    void a_keyed_call_that_is_tried_first_is_told_of_the_message_that_has_its_key() throws Exception {
        var first = gateway.json("sendMessage", TEXT, "Prefer", "respond-async", "Idempotency-Key", "k");
        delivery.always(new Outcome.Queued(id(first), true));

        var again = gateway.json("sendMessage", TEXT, "Prefer", "respond-async, wait=5", "Idempotency-Key", "k");

        assertThat(delivery.calls).hasSize(1);
        assertThat(delivery.calls.getFirst().maxWait()).isEqualTo(Duration.ofSeconds(5));
        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(id(again)).isEqualTo(id(first));
        assertThat(again.headers().firstValue("Idempotent-Replay")).contains("true");
    }

    @Test
    void a_keyed_call_that_was_tried_in_vain_is_queued_under_its_key() throws Exception {
        delivery.always(new Outcome.RateLimited("chat", Duration.ofSeconds(9)));

        var first = gateway.json("sendMessage", TEXT, "Prefer", "respond-async, wait=1", "Idempotency-Key", "k");
        var again = gateway.json("sendMessage", TEXT, "Prefer", "respond-async", "Idempotency-Key", "k");

        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(id(again)).isEqualTo(id(first));
        assertThat(queue.statistics(BOT).accepted()).isEqualTo(1);
    }

    @Test
    void replies_are_urgent_unless_the_header_says_otherwise() throws Exception {
        String reply = "{\"chat_id\":42,\"text\":\"hi\",\"reply_parameters\":{\"message_id\":3}}";

        assertThat(details(gateway.json("sendMessage", reply, "Prefer", "respond-async"))
                        .priority())
                .isEqualTo(Priority.HIGH);
        assertThat(details(gateway.json("sendMessage", reply, "Prefer", "respond-async", "X-Sluice-Priority", "low"))
                        .priority())
                .isEqualTo(Priority.LOW);
        assertThat(details(gateway.json("sendMessage", TEXT, "Prefer", "respond-async"))
                        .priority())
                .isEqualTo(Priority.NORMAL);
    }

    @Test
    void the_bots_own_rules_decide_what_is_urgent() throws Exception {
        rules = BotRules.NONE.withPriorities(new PriorityRules(List.of(new PriorityRule(
                MethodSet.of(List.of("sendPoll")),
                Optional.empty(),
                Optional.of(true),
                Optional.empty(),
                Optional.of(PriorityRule.Chat.GROUP),
                Priority.LOW))));

        for (String[] call : new String[][] {
            {"sendPoll", "{\"chat_id\":-5,\"disable_notification\":true}", "low"},
            {"sendPoll", "{\"chat_id\":-5}", "normal"},
            {"sendPoll", "{\"chat_id\":5,\"disable_notification\":true}", "normal"},
            {"sendMessage", "{\"chat_id\":-5,\"disable_notification\":true}", "normal"}
        }) {
            var answer = gateway.json(call[0], call[1], "Prefer", "respond-async");
            assertThat(details(answer).priority()).asString().as(call[1]).isEqualTo(call[2]);
            queue.cancel(id(answer));
        }
        rules = BotRules.NONE.withPriorities(new PriorityRules(List.of()));
        assertThat(details(gateway.json(
                                "sendMessage",
                                "{\"chat_id\":42,\"text\":\"hi\",\"reply_to_message_id\":3}",
                                "Prefer",
                                "respond-async"))
                        .priority())
                .isEqualTo(Priority.NORMAL);
    }

    @Test
    void a_waiting_call_is_as_urgent_as_a_queued_one() throws Exception {
        gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\",\"reply_parameters\":{\"message_id\":3}}");
        gateway.json("sendMessage", TEXT, "X-Sluice-Priority", "low");

        assertThat(delivery.calls).extracting(OutboundCall::priority).containsExactly(Priority.HIGH, Priority.LOW);
    }

    @Test
    void the_chats_of_vips_go_first_whether_they_wait_or_are_queued() throws Exception {
        String text = TEXT.replace("42", "77");
        gateway.json("sendMessage", text, "X-Sluice-Priority", "low");
        var queued = gateway.json("sendMessage", text, "Prefer", "respond-async");

        assertThat(delivery.calls.getFirst().vip()).isTrue();
        assertThat(delivery.calls.getFirst().priority()).isEqualTo(Priority.HIGH);
        assertThat(details(queued).vip()).isTrue();
        assertThat(details(gateway.json("sendMessage", TEXT, "Prefer", "respond-async"))
                        .vip())
                .isFalse();
    }

    @Test
    void by_a_rule_a_call_whose_turn_does_not_come_is_queued_although_it_did_not_ask() throws Exception {
        rules = BotRules.NONE.withOverflow(OverflowRules.of(Map.of("*", Overflow.QUEUE, "sendPoll", Overflow.WAIT)));
        assertThat(gateway.json("sendMessage", TEXT).statusCode()).isEqualTo(200);

        delivery.always(new Outcome.RateLimited("chat", Duration.ofSeconds(9)));
        assertThat(gateway.json("sendMessage", TEXT, "X-Sluice-Max-Wait", "0.5").statusCode())
                .isEqualTo(202);
        assertThat(gateway.json("sendPoll", TEXT).statusCode()).isEqualTo(429);

        assertThat(delivery.calls)
                .extracting(OutboundCall::maxWait)
                .startsWith(Duration.ofSeconds(2), Duration.ofMillis(500));
    }

    @Test
    void by_a_rule_a_call_is_queued_at_once_unless_it_says_how_long_it_waits() throws Exception {
        rules = BotRules.NONE.withOverflow(OverflowRules.of(Map.of("sendmessage", Overflow.ASYNC)));

        assertThat(gateway.json("sendMessage", TEXT).statusCode()).isEqualTo(202);
        assertThat(delivery.calls).isEmpty();
        assertThat(gateway.json("sendMessage", TEXT, "X-Sluice-Max-Wait", "5").statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_rule_does_not_speak_of_calls_that_cannot_be_queued() throws Exception {
        rules = BotRules.NONE.withSkipLimits(true).withOverflow(OverflowRules.of(Map.of("*", Overflow.ASYNC)));
        String large =
                Multipart.of("b1").file("photo", 1 << 20).field("chat_id", "1").end();

        assertThat(gateway.json("editChatInviteLink", "{\"chat_id\":-1}").statusCode())
                .isEqualTo(200);
        assertThat(gateway.json("sendMessage", TEXT, "X-Sluice-Skip-Limits", "true")
                        .statusCode())
                .isEqualTo(200);
        assertThat(gateway.post(GatewayFixture.path("sendPhoto"), "multipart/form-data; boundary=b1", large)
                        .statusCode())
                .isEqualTo(200);
        assertThat(queue.statistics(BOT).accepted()).isZero();
    }

    @Test
    void who_waits_a_while_gets_telegrams_answer_if_it_comes_in_time() throws Exception {
        var answer = gateway.json("sendMessage", TEXT, "Prefer", "respond-async, wait=5");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("result").path("message_id").asInt()).isEqualTo(7);
        assertThat(delivery.calls.getFirst().maxWait()).isEqualTo(Duration.ofSeconds(5));
        assertThat(queue.statistics(BOT).accepted()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_was_not_dispatched_within_the_wait_is_queued(boolean limited) throws Exception {
        delivery.always(
                limited ? new Outcome.RateLimited("chat", Duration.ofSeconds(9)) : new Outcome.NotReached("connect"));

        var answer = gateway.json("sendMessage", TEXT, "Prefer", "respond-async, wait=1");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(new String(stored(answer).body(), UTF_8)).isEqualTo(TEXT);
    }

    @Test
    void what_may_have_been_sent_within_the_wait_is_never_queued() throws Exception {
        delivery.always(new Outcome.Unknown("reset", "attempt-1"));
        assertThat(gateway.json("sendMessage", TEXT, "Prefer", "respond-async, wait=1")
                        .statusCode())
                .isEqualTo(504);
        delivery.always(new Outcome.RateLimited("stopping", Duration.ofSeconds(1)));
        assertThat(gateway.json("sendMessage", TEXT, "Prefer", "respond-async, wait=1")
                        .statusCode())
                .isEqualTo(429);

        assertThat(queue.statistics(BOT).accepted()).isZero();
    }

    @Test
    void a_full_queue_is_429_and_says_that_it_is_the_queue() throws Exception {
        for (int i = 0; i < 3; i++) {
            gateway.json("sendMessage", TEXT, "Prefer", "respond-async");
        }
        var answer = gateway.json("sendMessage", TEXT, "Prefer", "respond-async");

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(json(answer).path("sluice").path("scope").asString()).isEqualTo("queue");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void uploads_are_queued_up_to_a_mebibyte() throws Exception {
        String type = "multipart/form-data; boundary=b1";
        String small = Multipart.of("b1")
                .file("photo", 1_000_000)
                .field("chat_id", "1")
                .end();
        String large =
                Multipart.of("b1").file("photo", 1 << 20).field("chat_id", "1").end();
        String path = GatewayFixture.path("sendPhoto");

        var accepted = gateway.post(path, type, small, "Prefer", "respond-async");
        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(new String(stored(accepted).body(), UTF_8)).isEqualTo(small);
        assertThat(gateway.post(path, type, large, "Prefer", "respond-async").statusCode())
                .isEqualTo(413);
    }

    @Test
    void methods_that_are_called_for_their_answer_and_headers_of_waiting_calls_are_refused() throws Exception {
        assertThat(gateway.json("editChatInviteLink", "{\"chat_id\":-1}", "Prefer", "respond-async")
                        .statusCode())
                .isEqualTo(400);
        assertThat(gateway.json("sendMessage", TEXT, "Prefer", "respond-async", "X-Sluice-Max-Wait", "1")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void edits_are_sent_again_when_nobody_knows_what_became_of_them() throws Exception {
        var answer = gateway.json(
                "editMessageText", "{\"chat_id\":1,\"message_id\":2,\"text\":\"x\"}", "Prefer", "respond-async");

        assertThat(details(answer).policy()).isEqualTo(DeliveryPolicy.AT_LEAST_ONCE);
    }
}
