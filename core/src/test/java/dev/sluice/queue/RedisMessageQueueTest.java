package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisMessageQueueTest extends MessageQueueContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clockRunner = redis.clockRunner();
    private final ScriptRunner runner = (script, keys, args) -> {
        clockRunner.setNow(clock.getAsLong());
        return clockRunner.run(script, keys, args);
    };

    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        return MessageQueues.onRedis(
                runner, runner, KeySpace.DEFAULT, limitsOfBots, settings, RandomGenerator.getDefault());
    }

    @Override
    void anotherProcess() {
        reopen(SETTINGS);
    }

    @Override
    void lose() {
        redis.flush();
        reopen(SETTINGS);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private String key(String rest) {
        return KeySpace.DEFAULT.key("msg_queue", BOT.toString(), rest);
    }

    @Test
    void another_process_claims_what_this_one_enqueued() {
        MessageQueue other = queue(bot -> limits, SETTINGS);
        add(ANN, "a");

        Leased leased = other.claim(BOT, 1).messages().getFirst();

        assertThat(claim(1)).isEmpty();
        assertThat(sent(leased)).contains(MessageState.SENT);
    }

    @Test
    void nothing_stays_of_a_message_but_its_result_which_goes_by_itself() {
        NewMessage all = message(ANN, "a")
                .once("0123456789abcdef0123456789abcdef", Fingerprint.of(bytes("a")))
                .replacing("0123456789abcdef0123456789abcdef")
                .notBefore(SECOND)
                .dropAfter(SECOND.multipliedBy(9));
        MessageId id = add(all);
        clock.advance(SECOND);
        settle(claimOne(), new Ending.Retry("unreachable"));
        clock.advance(SECOND);
        sent(claimOne());

        List<String> keys = redis.commands().keys(key("*"));

        assertThat(keys)
                .containsExactlyInAnyOrder(
                        key("state"), key("m:" + id.number()), key("key:0123456789abcdef0123456789abcdef"));
        for (String key : keys) {
            long left = redis.commands().pttl(key);
            assertThat(left).as(key).isEqualTo(key.equals(key("state")) ? -1 : left);
        }
        assertThat(redis.commands().pttl(key("key:0123456789abcdef0123456789abcdef")))
                .isBetween(SETTINGS.keep().toMillis() - 5_000, SETTINGS.keep().toMillis());
    }

    @Test
    void nothing_at_all_stays_of_a_bot_that_nobody_uses() {
        Duration unused = Duration.ofDays(30);
        add(ANN, "a");
        sent(claimOne());
        queue.identify(BOT, new ChatId("@name"), ANN);
        queue.pause(BOT, new PauseScope.WholeBot());
        queue.resume(BOT, new PauseScope.WholeBot());
        clock.advance(unused.plus(SECOND));

        assertThat(queue.forgetUnused(unused)).containsExactly(BOT);
        assertThat(claim(1)).isEmpty();
        queue.limitsChanged(BOT);
        assertThat(redis.commands().keys(key("*")).stream()
                        .filter(key -> redis.commands().pttl(key) < 0))
                .isEmpty();
        assertThat(redis.commands().exists("sluice:msg_queue:{bots}:seen")).isZero();
    }

    /** Whoever forgets a bot dies in between, or the bot comes back in between: nothing of it is without its name. */
    @Test
    void a_queue_that_was_removed_before_its_bot_was_forgotten_is_found_again() {
        Duration unused = Duration.ofDays(30);
        add(ANN, "a");
        sent(claimOne());
        clock.advance(unused.plus(SECOND));
        redis.commands().del(key("state"));

        assertThat(queue.bots()).containsExactly(BOT);
        assertThat(queue.forgetUnused(unused)).containsExactly(BOT);
    }

    @Test
    void when_memory_is_full_enqueueing_is_refused_and_everything_else_goes_on() {
        for (int chat = 1; chat <= 8; chat++) {
            add(ChatId.of(chat), "m" + chat);
        }
        add(message(CAT, "at least once").atLeastOnce());
        List<Leased> leased = claim(6);
        MessageId waiting = add(ANN, "waiting");
        MessageId told = add(message(ANN, "told").toldTo(bytes("target")));
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> add(ANN, "refused")).isInstanceOf(RedisException.class);
            assertThat(queue.extend(BOT, List.of(leased.getFirst().lease()), LEASE))
                    .containsExactly(true);
            assertThat(settle(leased.get(0), new Ending.Sent(bytes("result")))).contains(MessageState.SENT);
            assertThat(settle(leased.get(1), new Ending.Retry("unreachable"))).contains(MessageState.RETRYING);
            assertThat(settle(leased.get(2), new Ending.Refused("refused-400"))).contains(MessageState.FAILED);
            assertThat(settle(leased.get(3), new Ending.Unanswered("no-answer")))
                    .contains(MessageState.UNKNOWN);
            assertThat(settle(leased.get(4), new Ending.Flooded(SECOND))).contains(MessageState.QUEUED);
            assertThat(queue.cancel(waiting)).isEqualTo(Change.DONE);
            assertThat(queue.cancel(told)).isEqualTo(Change.DONE);
            DueCallbacks due = queue.callbacks().claim(BOT, 1, LEASE);
            assertThat(queue.callbacks().settle(due.callbacks().getFirst(), new Telling.Again("http-500", SECOND)))
                    .isTrue();
            assertThat(queue.deadLetters().requeue(leased.get(2).id())).isEqualTo(Change.DONE);
            assertThat(claim(1)).hasSize(1);
            queue.pause(BOT, new PauseScope.WholeBot());
            clock.advance(LEASE);
            assertThat(claim(10)).isEmpty();
            queue.resume(BOT, new PauseScope.WholeBot());
            assertThat(claim(10)).isNotEmpty();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }

    @Test
    void a_queue_whose_data_were_wiped_starts_again_and_gives_no_number_twice() {
        MessageId before = add(ANN, "a");
        Leased leased = claimOne();
        redis.flush();

        assertThat(sent(leased)).isEmpty();
        clock.advanceMicros(1);
        assertThat(add(ANN, "b")).isGreaterThan(before);
        assertThat(drain()).containsExactly("b");
    }

    @Test
    void a_clock_that_jumps_back_gives_ascending_numbers_and_fences() {
        MessageId first = add(ANN, "1");
        Leased leased = claimOne();
        sent(leased);
        clock.advance(SECOND.negated());

        assertThat(add(ANN, "2")).isGreaterThan(first);
        assertThat(claimOne().lease().fence()).isGreaterThan(leased.lease().fence());
    }

    @Test
    void a_message_that_redis_evicted_holds_nobody_up() {
        MessageId first = add(ANN, "1");
        add(ANN, "2");
        redis.commands().del(key("m:" + first.number()));

        assertThat(texts(claim(10))).isEmpty();
        assertThat(texts(claim(10))).containsExactly("2");
        redis.commands().hincrby(key("state"), "accepted", -1);
    }

    @Test
    void a_leased_message_that_redis_evicted_holds_nobody_up_once_its_lease_is_over() {
        add(ANN, "1");
        add(ANN, "2");
        Leased evicted = claimOne();
        redis.commands().del(key("m:" + evicted.id().number()));
        assertThat(sent(evicted)).isEmpty();

        clock.advance(LEASE);
        assertThat(texts(claim(10))).containsExactly("2");
        redis.commands().hincrby(key("state"), "accepted", -1);
    }

    @Test
    void a_message_that_redis_evicted_is_counted_as_lost_when_its_chat_gets_another_id() {
        MessageId first = add(GROUP, "1");
        add(GROUP, "2");
        redis.commands().del(key("m:" + first.number()));

        queue.identify(BOT, GROUP, ChatId.of(-1_000_000_000_100L));

        assertThat(statistics().pending()).isOne();
        assertThat(texts(claim(10))).containsExactly("2");
        redis.commands().hincrby(key("state"), "accepted", -1);
    }

    @Test
    void workers_are_told_again_after_a_while_since_news_may_be_lost() {
        add(ANN, "1");
        byte[] told = redis.commands().hget(key("state"), "woken");
        clock.advance(SECOND.multipliedBy(5));
        add(ANN, "2");
        assertThat(redis.commands().hget(key("state"), "woken")).isEqualTo(told);

        clock.advanceMicros(1);
        add(ANN, "3");

        assertThat(redis.commands().hget(key("state"), "woken")).isNotEqualTo(told);
    }

    @Test
    void by_the_servers_own_clock_a_lease_ends_and_a_worker_that_waits_wakes_up_for_it() throws Exception {
        var real = MessageQueues.onRedis(
                redis.runner(),
                redis.runner(),
                KeySpace.DEFAULT,
                bot -> limits,
                SETTINGS.withLease(Duration.ofMillis(500)),
                RandomGenerator.getDefault());
        real.enqueue(BOT, message(ANN, "a").atLeastOnce());
        Leased dead = real.claim(BOT, 1).messages().getFirst();

        Leased again = real.awaitWork(BOT, 1, Duration.ofSeconds(20)).messages().getFirst();

        assertThat(again.id()).isEqualTo(dead.id());
        assertThat(again.attempt()).isEqualTo(2);
        real.settle(BOT, List.of(again.ends(new Ending.Sent(new byte[0]))));
    }

    @Test
    void a_large_payload_survives() {
        byte[] large = new byte[NewMessage.MAX_PAYLOAD];
        large[large.length - 1] = 1;
        add(NewMessage.to(ANN, large));

        assertThat(claimOne().payload()).isEqualTo(large);
    }

    @AfterEach
    void keys_agree_with_counters_and_have_owners() {
        new RedisQueueAudit(redis.commands(), BOT).check(queue.statistics(BOT));
    }
}
