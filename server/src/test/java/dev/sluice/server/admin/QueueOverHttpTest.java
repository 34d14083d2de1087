package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queues, dead letters and unknown messages over HTTP, on the real queue in memory. */
class QueueOverHttpTest {
    private static final BotId BOT = new BotId(1000);

    private final AtomicLong clock = new AtomicLong(1_700_000_000_000_000L);
    private final Sealer keys = KeyRing.random();
    private final MessageQueue queue = MessageQueues.inMemory(
            clock::get,
            RateLimiters.inMemory(clock::get),
            bot -> TelegramLimits.DOCUMENTED,
            QueueSettings.DEFAULT,
            new Random(1));
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new QueueResource(queue),
            new FailedMessagesResource(queue, keys));

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void the_sources_numbers_count_every_bot_and_what_is_leased_under_its_priority() throws Exception {
        enqueue(BOT, 1, Priority.HIGH);
        enqueue(BOT, 2, Priority.NORMAL);
        enqueue(new BotId(2000), 3, Priority.LOW);
        queue.claim(BOT, 1);
        fail(new Ending.Refused("refused-403"));

        var json = api.get("/queue/stats").json();

        assertThat(json.path("stats").toString())
                .isEqualTo("{\"high\":1,\"normal\":0,\"low\":1,\"retry\":0,\"dlq\":1}");
        assertThat(json.path("total_queued").asInt()).isEqualTo(2);
        assertThat(json.path("total_failed").asInt()).isEqualTo(1);
    }

    @Test
    void what_waits_for_another_attempt_counts_apart_as_in_the_source_documents() throws Exception {
        enqueue(BOT, 1, Priority.HIGH);
        enqueue(BOT, 2, Priority.HIGH);
        fail(new Ending.Retry("no-token"));

        var json = api.get("/queue/stats").json();

        assertThat(json.path("stats").toString())
                .isEqualTo("{\"high\":1,\"normal\":0,\"low\":0,\"retry\":1,\"dlq\":0}");
        assertThat(json.path("total_queued").asInt()).isEqualTo(2);
    }

    @Test
    void a_queue_is_shown_and_listed_and_one_that_is_not_there_is_empty() throws Exception {
        enqueue(BOT, 1, Priority.NORMAL);
        enqueue(new BotId(2000), 1, Priority.NORMAL);

        assertThat(api.get("/v1/queue/1000").json().path("pending").asInt()).isEqualTo(1);
        assertThat(api.get("/v1/queue/1000").json().path("oldest").isString()).isTrue();
        assertThat(api.get("/v1/queue/3000").json().path("oldest").isNull()).isTrue();
        assertThat(api.get("/v1/queue/3000").json().path("accepted").asInt()).isZero();
        var first = api.get("/v1/queue?limit=1").json();
        assertThat(first.path("queues").path(0).path("bot").asInt()).isEqualTo(1000);
        var second = api.get(
                        "/v1/queue?limit=1&cursor=" + first.path("next_cursor").asString())
                .json();
        assertThat(second.path("queues").path(0).path("bot").asInt()).isEqualTo(2000);
        assertThat(second.path("next_cursor").isNull()).isTrue();
    }

    @Test
    void a_bot_a_chat_or_a_priority_is_paused_and_resumed() throws Exception {
        enqueue(BOT, 1, Priority.LOW);

        for (String scope : List.of("{}", "{\"chat\":\"1\"}", "{\"priority\":\"low\"}")) {
            assertThat(api.json("POST", "/v1/queue/1000/pause", scope).status()).isEqualTo(204);
            assertThat(queue.claim(BOT, 1).messages()).as(scope).isEmpty();
            assertThat(api.json("POST", "/v1/queue/1000/resume", scope).status())
                    .isEqualTo(204);
        }
        assertThat(queue.claim(BOT, 1).messages()).hasSize(1);
        assertThat(api.json("POST", "/v1/queue/1000/pause", "{\"chat\":\"1\",\"priority\":\"low\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void dead_letters_are_listed_filtered_requeued_and_purged_and_show_no_text() throws Exception {
        enqueue(BOT, 1, Priority.NORMAL);
        fail(new Ending.Refused("refused-403"));
        enqueue(BOT, 2, Priority.NORMAL);
        MessageId other = fail(new Ending.Refused("refused-400"));
        enqueue(BOT, 3, Priority.NORMAL);
        MessageId third = fail(new Ending.Refused("refused-400"));

        var all = api.get("/v1/dlq/1000");
        assertThat(all.json().path("messages").size()).isEqualTo(3);
        var shown = all.json().path("messages").path(0);
        assertThat(shown.path("method").asString()).isEqualTo("sendMessage");
        assertThat(shown.path("failure").asString()).isEqualTo("refused");
        assertThat(shown.path("failed_attempts").path(0).path("reason").asString())
                .isEqualTo("refused-403");
        assertThat(all.http().body()).doesNotContain("private words");

        assertThat(api.get("/v1/dlq/1000?reason=refused-400")
                        .json()
                        .path("messages")
                        .size())
                .isEqualTo(2);
        assertThat(api.get("/v1/dlq/1000?chat=1").json().path("messages").size())
                .isEqualTo(1);
        assertThat(api.get("/v1/dlq/1000?from=soon").status()).isEqualTo(400);
        assertThat(api.get("/v1/dlq/1000?from=%2B1000000000-12-31T23:59:59Z").status())
                .isEqualTo(400);
        assertThat(api.json("POST", "/v1/dlq/1000/purge", "{\"until\":\"-1000000000-01-01T00:00:00Z\"}")
                        .status())
                .isEqualTo(400);

        assertThat(api.send("POST", "/v1/messages/" + other + "/requeue", "").status())
                .isEqualTo(204);
        assertThat(api.send("POST", "/v1/messages/" + other + "/requeue", "").type())
                .isEqualTo("message-state");
        assertThat(api.send("POST", "/v1/messages/" + third + "/purge", "").status())
                .isEqualTo(204);
        assertThat(api.send("POST", "/v1/messages/" + third + "/purge", "").type())
                .isEqualTo("message-unknown");
        assertThat(api.json("POST", "/v1/dlq/1000/requeue", "{\"reason\":\"refused-400\"}")
                        .json()
                        .path("changed")
                        .asInt())
                .isZero();
        var purged = api.json("POST", "/v1/dlq/1000/purge", "{}").json();
        assertThat(purged.path("changed").asInt()).isEqualTo(1);
        assertThat(purged.path("next_cursor").isNull()).isTrue();
    }

    @Test
    void unknown_messages_are_listed_and_resolved() throws Exception {
        enqueue(BOT, 1, Priority.NORMAL);
        MessageId id = fail(new Ending.Unanswered("reset"));

        assertThat(api.get("/v1/unknown/1000").json().at("/messages/0/id").asString())
                .isEqualTo(id.toString());
        assertThat(api.json("POST", "/v1/messages/" + id + "/resolve", "{\"as\":\"perhaps\"}")
                        .status())
                .isEqualTo(400);
        assertThat(api.json("POST", "/v1/messages/" + id + "/resolve", "{\"as\":\"sent\"}")
                        .status())
                .isEqualTo(204);
        assertThat(queue.statistics(BOT).sent()).isEqualTo(1);
    }

    @Test
    void unknown_messages_that_match_are_resolved_together() throws Exception {
        enqueue(BOT, 1, Priority.NORMAL);
        fail(new Ending.Unanswered("reset"));
        enqueue(BOT, 2, Priority.NORMAL);
        fail(new Ending.Unanswered("reset"));

        assertThat(api.json("POST", "/v1/unknown/1000/resolve", "{\"chat\":\"1\"}")
                        .type())
                .isEqualTo("malformed");
        assertThat(api.json("POST", "/v1/unknown/1000/resolve", "{\"as\":\"requeue\",\"chat\":\"1\"}")
                        .json()
                        .path("changed")
                        .asInt())
                .isEqualTo(1);

        assertThat(queue.statistics(BOT).unknown()).isEqualTo(1);
        assertThat(queue.statistics(BOT).pending()).isEqualTo(1);
    }

    private void enqueue(BotId bot, long chat, Priority priority) {
        var call = new StoredCall(
                new Method("sendMessage"),
                false,
                "",
                Optional.empty(),
                Optional.of(ChatId.of(chat)),
                Optional.empty(),
                "private words".getBytes(UTF_8));
        assertThat(queue.enqueue(
                        bot,
                        NewMessage.to(ChatId.of(chat), call.sealed(keys, bot)).withPriority(priority)))
                .isInstanceOf(Enqueued.Added.class);
    }

    private MessageId fail(Ending ending) {
        var message = queue.claim(BOT, 1).messages().getFirst();
        queue.settle(BOT, List.of(message.ends(ending)));
        return message.id();
    }
}
