package dev.sluice.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What another program writes into the keys of one chat, or cuts, stops no other chat, and that one only for what was there. */
class RedisUnreadableQueueTest extends QueueFixture {
    private static final Limit ONE_A_SECOND = Limit.atMost(1, SECOND);
    private static final Limit MANY = Limit.atMost(1_000, SECOND);
    private static final String ONCE = "a".repeat(32);
    private static final String OTHER = "b".repeat(32);
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clockRunner = redis.clockRunner();

    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        ScriptRunner runner = (script, keys, args) -> {
            clockRunner.setNow(clock.getAsLong());
            try {
                return clockRunner.run(script, keys, args);
            } catch (RedisCommandExecutionException e) {
                throw new RedisScriptException(script.name(), e); // as the real one
            }
        };
        return MessageQueues.onRedis(
                runner, runner, KeySpace.DEFAULT, limitsOfBots, settings, RandomGenerator.getDefault());
    }

    @BeforeEach
    void flush() {
        redis.flush();
        limits = new TelegramLimits(MANY, MANY, ONE_A_SECOND, MANY, Optional.empty());
    }

    private static String key(String rest) {
        return KeySpace.DEFAULT.key("msg_queue", BOT.toString(), rest);
    }

    private void write(String key, String rubbish) {
        byte[] before = rubbish.startsWith("cut") || rubbish.startsWith("byte")
                ? redis.commands().get(key)
                : new byte[0];
        if (before == null) {
            before = new byte[50];
        }
        redis.commands().del(key);
        if (rubbish.equals("hash")) {
            redis.commands().hset(key, "field", new byte[] {1});
        } else if (rubbish.equals("list")) {
            redis.commands().lpush(key, new byte[] {1});
        } else if (rubbish.startsWith("cut ")) {
            redis.commands().set(key, Arrays.copyOf(before, Integer.parseInt(rubbish.substring(4))));
        } else if (rubbish.startsWith("byte ")) {
            before[Integer.parseInt(rubbish.substring(5))] = (byte) 200;
            redis.commands().set(key, before);
        } else {
            redis.commands().set(key, new byte[] {'r', 'u', 'b', 'b', 'i', 's', 'h'});
        }
    }

    /** The books count what is gone as accepted. */
    private void forgive(int messages) {
        redis.commands().hincrby(key("state"), "accepted", -messages);
    }

    /** As workers do, who look again: a claim may find nothing but what cannot be read. */
    private List<String> sendAll() {
        var texts = new ArrayList<String>();
        for (int look = 0; look < 5; look++) {
            texts.addAll(drain());
        }
        return texts;
    }

    private void othersAreSentAndAnnGoesOn() {
        assertThat(sendAll()).contains("bob's", "cat's");
        clock.advance(LEASE.plus(SECOND));
        sendAll();
        add(ANN, "ann's next");
        assertThat(sendAll()).contains("ann's next");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hash", "list", "string", "cut 0", "cut 1", "cut 20", "cut 33", "cut 36", "byte 0", "byte 2", "byte 4",
                "byte 14", "byte 31", "byte 33", "byte 34", "byte 35", "byte 36"
            })
    void whatever_is_a_message_s_record(String rubbish) {
        MessageId first = add(ANN, "ann's");
        add(BOB, "bob's");
        add(CAT, "cat's");
        long pending = queue.statistics(BOT).pending();
        write(key("m:" + first.number()), rubbish);
        othersAreSentAndAnnGoesOn();
        QueueStatistics now = queue.statistics(BOT);
        assertThat(pending).isEqualTo(3);
        assertThat(now.pending()).isZero();
        forgive(Math.toIntExact(now.accepted() - now.sent() - now.failedInAll() - now.unknown()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hash", "list", "string", "cut 0", "cut 20", "cut 33", "byte 0", "byte 2", "byte 31"})
    void whatever_becomes_a_message_s_record_while_it_is_in_flight(String rubbish) {
        add(ANN, "ann's");
        add(BOB, "bob's");
        add(CAT, "cat's");
        List<Leased> all = claim(10);
        assertThat(all).hasSize(3);
        Leased spoilt = all.getLast();
        write(key("m:" + spoilt.id().number()), rubbish);
        List<Optional<MessageState>> states = queue.settle(
                BOT,
                all.stream()
                        .map(leased -> leased.ends(new Ending.Sent(bytes("result"))))
                        .toList());
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).equals(spoilt)) {
                assertThat(states.get(i)).contains(MessageState.SENT);
            }
        }
        assertThat(queue.statistics(BOT).sent()).as("all others are counted").isEqualTo(2);
        clock.advance(LEASE.plus(SECOND));
        sendAll();
        add(ANN, "ann's next");
        assertThat(sendAll()).contains("ann's next");
        QueueStatistics now = queue.statistics(BOT);
        assertThat(now.pending()).isZero();
        forgive(Math.toIntExact(now.accepted() - now.sent() - now.failedInAll() - now.unknown()));
    }

    @ParameterizedTest
    @CsvSource({"hash", "list", "string"})
    void whatever_is_a_chat_s_lane_its_messages_are_found(String rubbish) {
        add(ANN, "ann's");
        add(BOB, "bob's");
        add(CAT, "cat's");
        write(key("lane:1"), rubbish);
        assertThat(sendAll()).containsExactlyInAnyOrder("ann's", "bob's", "cat's");
        assertThat(queue.statistics(BOT).pending()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"hash", "list", "string"})
    void whatever_is_a_chat_s_lane_a_batch_is_accepted_once(String rubbish) {
        write(key("lane:1"), rubbish);
        List<NewMessage> batch = List.of(
                message(BOB, "bob's"),
                message(ANN, "ann's").once(ONCE, CONTENT),
                message(CAT, "cat's").once(OTHER, CONTENT));
        List<Enqueued> first = queue.enqueueAll(BOT, batch);
        assertThat(first).allSatisfy(enqueued -> assertThat(enqueued).isInstanceOf(Enqueued.Added.class));
        assertThat(queue.enqueueAll(BOT, batch.subList(1, 3)))
                .allSatisfy(enqueued -> assertThat(enqueued).isInstanceOf(Enqueued.Known.class));
        add(BOB, "bob's next");
        assertThat(sendAll()).containsExactlyInAnyOrder("bob's", "ann's", "cat's");
        clock.advance(SECOND);
        assertThat(sendAll()).containsExactly("bob's next");
        assertThat(queue.statistics(BOT).pending()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"hash", "list"})
    void whatever_is_under_a_message_s_key_a_batch_is_accepted_once(String rubbish) {
        write(key("key:" + ONCE), rubbish);
        List<NewMessage> batch =
                List.of(message(BOB, "bob's"), message(ANN, "ann's").once(ONCE, CONTENT));
        assertThat(queue.enqueueAll(BOT, batch))
                .allSatisfy(enqueued -> assertThat(enqueued).isInstanceOf(Enqueued.Added.class));
        add(BOB, "bob's next");
        assertThat(sendAll()).containsExactlyInAnyOrder("bob's", "ann's");
        clock.advance(SECOND);
        assertThat(sendAll()).containsExactly("bob's next");
    }

    @ParameterizedTest
    @CsvSource({"hash", "list", "string"})
    void whatever_is_where_a_message_s_relations_are_it_is_sent_and_settled_with_the_others(String rubbish) {
        NewMessage edit = message(ANN, "edit").replacing("c".repeat(32)).toldTo(bytes("target"));
        MessageId id = add(edit);
        add(BOB, "bob's");
        write(key("replaces:" + "c".repeat(32)), rubbish);
        write(key("callback:" + id.number()), rubbish);
        assertThat(claim(10))
                .hasSize(2)
                .allSatisfy(leased -> assertThat(sent(leased)).contains(MessageState.SENT));
        write(key("replaces:" + "c".repeat(32)), rubbish);
        add(edit);
        clock.advance(SECOND);
        assertThat(sendAll()).containsExactly("edit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hash", "list", "string", "cut 0", "cut 20", "cut 30"})
    void whatever_is_a_chat_s_limit(String rubbish) {
        add(ANN, "ann's first");
        drain();
        add(ANN, "ann's");
        add(BOB, "bob's");
        add(CAT, "cat's");
        write(KeySpace.DEFAULT.key("rate_limit", BOT.toString(), "chat:1"), rubbish);
        othersAreSentAndAnnGoesOn();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hash", "string", "cut 20", "byte 31", "byte 0"})
    void whatever_is_a_delayed_message_s_record_or_one_s_that_is_late(String rubbish) {
        MessageId delayed = add(message(ANN, "delayed").notBefore(SECOND));
        MessageId late = add(message(ANN, "late").dropAfter(SECOND.multipliedBy(2)));
        add(message(BOB, "bob's delayed").notBefore(SECOND));
        write(key("m:" + delayed.number()), rubbish);
        write(key("m:" + late.number()), rubbish);
        clock.advance(Duration.ofSeconds(3));
        assertThat(sendAll()).contains("bob's delayed");
        clock.advance(LEASE.plus(SECOND));
        sendAll();
        add(ANN, "ann's next");
        assertThat(sendAll()).contains("ann's next");
        QueueStatistics now = queue.statistics(BOT);
        assertThat(now.pending()).isZero();
        forgive(Math.toIntExact(now.accepted() - now.sent() - now.failedInAll() - now.unknown()));
    }

    @Test
    void a_message_behind_one_that_is_in_flight_does_not_let_it_go_twice() {
        limits = NO_LIMITS;
        add(ANN, "first");
        MessageId second = add(ANN, "second");
        MessageId other = add(BOB, "bob's");
        Leased flying = claimOne();
        assertThat(text(flying)).isEqualTo("first");
        write(key("m:" + second.number()), "string");
        write(key("m:" + other.number()), "string");
        add(CAT, "cat's");
        assertThat(texts(claim(10))).containsExactly("cat's");
        assertThat(sent(flying)).contains(MessageState.SENT);
        forgive(2);
        clock.advance(LEASE);
        drain();
    }

    @Test
    void a_chat_from_which_a_failed_step_took_what_was_in_flight_goes_on() {
        MessageId taken = add(ANN, "taken");
        add(ANN, "ann's");
        MessageId other = add(BOB, "bob's");
        claimOne();
        redis.commands().zrem(key("lane:1"), Long.toString(taken.number()).getBytes(UTF_8));
        redis.commands().del(key("m:" + taken.number()));
        write(key("m:" + other.number()), "string"); // so that a step fails
        clock.advance(SECOND);
        assertThat(sendAll()).containsExactly("ann's");
        redis.commands().hincrby(key("state"), "depth:n", -1);
        forgive(2);
    }

    @Test
    void lists_exports_renewals_and_forgetting_pass_over_what_cannot_be_read() {
        MessageId rubbish = add(ANN, "ann's");
        add(BOB, "bob's");
        List<Leased> all = claim(10);
        write(key("m:" + rubbish.number()), "cut 20");
        assertThat(queue.extend(BOT, all.stream().map(Leased::lease).toList(), LEASE))
                .as("the other's lease goes on")
                .containsExactlyInAnyOrder(true, false);
        Leased bobs = all.stream()
                .filter(leased -> text(leased).equals("bob's"))
                .findFirst()
                .orElseThrow();
        settle(bobs, new Ending.Refused("refused-400"));
        MessageId dead = add(CAT, "cat's");
        settle(claimOne(), new Ending.Refused("refused-400"));
        redis.commands()
                .set(
                        key("m:of-another-program"),
                        redis.commands().get(key("m:" + bobs.id().number())));
        for (String cut : List.of("cut 20", "byte 2", "hash")) {
            write(key("m:" + dead.number()), cut);
            assertThat(queue.deadLetters().page(BOT, ListFilter.ALL, 0, 10).items())
                    .extracting(MessageDetails::id)
                    .containsExactly(bobs.id());
            assertThat(queue.snapshots().read(BOT, Snapshots.START).messages())
                    .extracting(SavedMessage::id)
                    .contains(bobs.id())
                    .doesNotContain(dead);
        }
        clock.advance(LEASE.plus(SECOND));
        sendAll();
        forgive(1);
    }
}
