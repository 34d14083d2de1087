package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.SendLane;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.limit.Waiter;
import dev.sluice.queue.Claims;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.server.bots.SetLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A bot's limits over HTTP, on those in memory. */
class BotLimitsResourceTest {
    private static final BotId BOT = new BotId(123456);
    private static final ChatId GROUP = ChatId.of(-100);

    private final AtomicLong clock = new AtomicLong(1_800_000_000_000_000L);
    private final LocalRateLimiter limiter = RateLimiters.inMemory(clock::get);
    private final TelegramLimits limits = TelegramLimits.DOCUMENTED;
    private final MessageQueue queue =
            MessageQueues.inMemory(clock::get, limiter, bot -> limits, QueueSettings.DEFAULT, new Random(1));
    private final List<BotId> heard = new CopyOnWriteArrayList<>();
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new BotLimitsResource(limiter, limits, bot -> SetLimits.NONE, queue),
            new LearnedLimitsResource(limiter, queue, heard::add));

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void what_is_used_of_the_bots_limits_and_of_a_chats_is_shown() throws Exception {
        limiter.tryAcquire(Acquisition.of(limits.charges(BOT, Optional.of(GROUP), 1, false)));
        clock.addAndGet(200_000);

        JsonNode shown = limits("?chat=-100");
        assertThat(shown).hasSize(4);
        assertThat(shown.path(0).toString())
                .isEqualTo("{\"scope\":\"bot\",\"limit\":30,\"window_ms\":1000,\"used\":1,\"remaining\":29,"
                        + "\"resets_in_ms\":800,\"parked_ms\":0,\"waiting\":0,\"learned\":null}");
        assertThat(shown.path(1).path("scope").asString()).isEqualTo("paid");
        assertThat(shown.path(1).path("remaining").asInt()).isEqualTo(1_000);
        assertThat(shown.path(2).path("scope").asString()).isEqualTo("chat");
        assertThat(shown.path(2).path("remaining").asInt()).isZero();
        assertThat(shown.path(3).path("scope").asString()).isEqualTo("group");
        assertThat(shown.path(3).path("window_ms").asLong()).isEqualTo(60_000);
        assertThat(shown.path(3).path("used").asInt()).isEqualTo(1);
        assertThat(limits("")).hasSize(2);
        assertThat(limits("?chat=42")).hasSize(3);
    }

    @Test
    void what_telegrams_429_has_parked_is_shown_and_who_stands_in_line() throws Exception {
        limiter.park(TelegramLimits.chatBucket(BOT, GROUP), Duration.ofSeconds(7));
        limiter.park(TelegramLimits.botBucket(BOT), Duration.ofMillis(1_500));
        var question = Acquisition.of(limits.charges(BOT, Optional.of(ChatId.of(42)), 1, false));
        clock.addAndGet(1_500_000);
        limiter.tryAcquire(question);
        limiter.tryAcquire(question.waitingAs(new Waiter("process1")));

        assertThat(limits("?chat=-100").path(2).path("parked_ms").asLong()).isEqualTo(5_500);
        assertThat(limits("").path(0).path("parked_ms").asLong()).isZero();
        assertThat(limits("?chat=42").path(2).path("waiting").asInt()).isEqualTo(1);
    }

    @Test
    void a_group_is_shown_by_any_of_its_ids() throws Exception {
        var name = new ChatId("@Group");
        queue.identify(BOT, name, GROUP);
        limiter.park(TelegramLimits.chatBucket(BOT, GROUP), Duration.ofSeconds(7));

        assertThat(limits("?chat=%40group").path(2).path("parked_ms").asLong()).isEqualTo(7_000);
        assertThat(api.get("/v1/bots/123456/limits?chat=group").type()).isEqualTo("malformed");
    }

    @Test
    void what_telegrams_429_taught_is_shown_until_it_is_forgotten() throws Exception {
        told(42);
        clock.addAndGet(2_000_000);
        told(43);
        told(44);
        told(45);

        assertThat(limits("?chat=42").path(2).path("learned").path("per_second").asDouble())
                .isGreaterThan(0.7);
        JsonNode learned = limits("").path(0).path("learned");
        assertThat(learned.path("per_second").asDouble()).isEqualTo(21);
        assertThat(learned.path("told_at").asDouble()).isEqualTo(30);
        assertThat(learned.path("since_ms").asLong()).isZero();
        assertThat(learned.path("forgotten_in_ms").asLong()).isBetween(40_000L, 80_000L);

        assertThat(forget("")).isEqualTo("{\"forgotten\":[\"bot\"]}");
        assertThat(forget("")).isEqualTo("{\"forgotten\":[]}");
        assertThat(limits("").path(0).path("learned").isNull()).isTrue();
        assertThat(forget("?chat=42")).isEqualTo("{\"forgotten\":[\"chat\"]}");
        assertThat(api.send("DELETE", "/v1/bots/123456/limits/learned?chat=group", "")
                        .type())
                .isEqualTo("malformed");
    }

    @Test
    void what_was_learned_of_replies_that_are_limited_apart_is_forgotten_with_the_bots() throws Exception {
        TelegramLimits apart = limits.withReplies(Optional.of(Limit.atMost(60, Duration.ofSeconds(1))));
        for (long chat = 1; chat <= 3; chat++) {
            Optional<ChatId> replied = Optional.of(ChatId.of(chat));
            List<Charge> charges = apart.charges(BOT, replied, 1, SendLane.REPLIES);
            var admission = (Decision.Allowed) limiter.tryAcquire(Acquisition.of(charges));
            Bucket parked = apart.floodedBucket(BOT, SendLane.REPLIES);
            limiter.flooded(new Flood(BOT, replied, Duration.ofSeconds(1), parked, charges, admission.at()));
        }
        assertThat(forget("")).isEqualTo("{\"forgotten\":[\"replies\"]}");
        assertThat(forget("")).isEqualTo("{\"forgotten\":[]}");
    }

    @Test
    void what_waits_for_a_pace_that_is_forgotten_is_judged_anew() throws Exception {
        told(42);
        clock.addAndGet(1_000_000);
        queue.enqueueAll(BOT, Collections.nCopies(2, NewMessage.to(ChatId.of(42), new byte[0])));
        for (Leased sent : queue.claim(BOT, 10).messages()) {
            queue.settle(BOT, List.of(sent.ends(new Ending.Sent(new byte[0]))));
        }
        clock.addAndGet(1_000_001);
        Claims held = queue.claim(BOT, 10);
        assertThat(held.messages()).isEmpty();
        assertThat(held.wakeUp()).isPresent();

        forget("?chat=42");
        assertThat(queue.claim(BOT, 10).messages()).hasSize(1);
        assertThat(heard).containsExactly(BOT);
    }

    private String forget(String query) throws Exception {
        return api.send("DELETE", "/v1/bots/123456/limits/learned" + query, "")
                .json()
                .toString();
    }

    private void told(long chat) {
        List<Charge> charges = limits.charges(BOT, Optional.of(ChatId.of(chat)), 1, false);
        var admission = (Decision.Allowed) limiter.tryAcquire(Acquisition.of(charges));
        limiter.flooded(new Flood(BOT, Optional.of(ChatId.of(chat)), Duration.ofSeconds(1), charges, admission.at()));
    }

    private JsonNode limits(String query) throws Exception {
        return api.get("/v1/bots/123456/limits" + query).json().path("limits");
    }
}
