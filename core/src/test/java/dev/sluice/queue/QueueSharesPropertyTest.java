package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Under a backlog: priorities share as 16 : 4 : 1, chats alike, and whoever comes is served soon, whatever they cost. */
class QueueSharesPropertyTest {
    private static final BotId BOT = new BotId(42);
    private static final Limit NONE = Limit.smooth(10_000, Duration.ofNanos(100_000));
    private static final TelegramLimits NO_LIMITS = new TelegramLimits(NONE, NONE, NONE, NONE, Optional.empty());

    /** What one message of cost 1 is worth, by priority: shares as 16 : 4 : 1 are equal in these. */
    private static final Map<Priority, Integer> WORTH =
            new EnumMap<>(Map.of(Priority.HIGH, 1, Priority.NORMAL, 4, Priority.LOW, 16));

    private static final int CHATS_OF_EACH = 12;
    private static final int CLAIMS = 120;

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void priorities_and_chats_get_their_shares_in_memory(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 6) int most,
            @ForAll @IntRange(min = 1, max = 6) int cost) {
        shares(inMemory(), new Random(seed), most, cost);
    }

    @Property(tries = 6, shrinking = ShrinkingMode.OFF)
    void priorities_and_chats_get_their_shares_on_redis(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 6) int most,
            @ForAll @IntRange(min = 1, max = 6) int cost) {
        shares(onRedis(), new Random(seed), most, cost);
    }

    /** Everybody always has something to send, and up to {@code most} are in flight: of the high ones up to half of the chats. */
    private static void shares(MessageQueue queue, Random random, int most, int highestCost) {
        for (Priority priority : Priority.values()) {
            for (int chat = 0; chat < CHATS_OF_EACH; chat++) {
                add(queue, random, priority, chat, highestCost);
                add(queue, random, priority, chat, highestCost);
            }
        }
        var worth = new EnumMap<Priority, Integer>(Priority.class);
        var costs = new HashMap<ChatId, Integer>();
        Deque<Leased> flying = new ArrayDeque<>();
        for (int i = 0; i < CLAIMS; i++) {
            for (Leased leased : queue.claim(BOT, 1 + random.nextInt(most)).messages()) {
                flying.add(leased);
                worth.merge(leased.priority(), leased.cost() * WORTH.getOrDefault(leased.priority(), 0), Integer::sum);
                int chat = leased.payload()[0];
                costs.merge(chat(leased.priority(), chat), leased.cost(), Integer::sum);
                add(queue, random, leased.priority(), chat, highestCost);
                for (Priority one : Priority.values()) {
                    assertThat(worth.getOrDefault(one, 0))
                            .as("%s of %s", one, worth)
                            .isGreaterThanOrEqualTo(worth.values().stream()
                                            .max(Integer::compare)
                                            .orElseThrow()
                                    - 2 * 16 * highestCost);
                }
                chatsShare(leased.priority(), costs, highestCost);
            }
            while (flying.size() > (most == 1 ? 0 : random.nextInt(most))) {
                queue.settle(BOT, List.of(flying.remove().ends(new Ending.Sent(new byte[0]))));
            }
        }
    }

    private static void chatsShare(Priority priority, Map<ChatId, Integer> costs, int highestCost) {
        int least = Integer.MAX_VALUE;
        int greatest = 0;
        for (int chat = 0; chat < CHATS_OF_EACH; chat++) {
            int cost = costs.getOrDefault(chat(priority, chat), 0);
            least = Math.min(least, cost);
            greatest = Math.max(greatest, cost);
        }
        assertThat(greatest - least).as("%s among chats of %s", costs, priority).isLessThanOrEqualTo(2 * highestCost);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void nobody_starves_in_memory(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int highestCost) {
        starves(inMemory(), new Random(seed), highestCost);
    }

    @Property(tries = 6, shrinking = ShrinkingMode.OFF)
    void nobody_starves_on_redis(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int highestCost) {
        starves(onRedis(), new Random(seed), highestCost);
    }

    /** Before each claim chats that were never seen come with messages of every priority: the patient one goes soon. */
    private static void starves(MessageQueue queue, Random random, int highestCost) {
        int chats = 1_000;
        for (int i = 0; i < 30; i++) {
            newcomer(queue, random, ++chats, highestCost);
        }
        for (int i = 0; i < 20; i++) {
            newcomer(queue, random, ++chats, highestCost);
            claimAndSend(queue);
        }
        for (Priority patient : Priority.values()) {
            ChatId chat = chat(patient, 99);
            queue.enqueue(BOT, message(chat, patient, 99, highestCost));
            int ready = Math.toIntExact(queue.statistics(BOT).pending());
            // Everyone who is there may go before, and whoever comes with a lesser tag; low gets one share of 21.
            int patience = 21 * highestCost * (ready + 2 * highestCost);
            int claims = 0;
            while (claimAndSend(queue) != 99) {
                newcomer(queue, random, ++chats, highestCost);
                assertThat(++claims).as("claims before %s", patient).isLessThan(patience);
            }
        }
    }

    private static int claimAndSend(MessageQueue queue) {
        Leased leased = queue.claim(BOT, 1).messages().getFirst();
        queue.settle(BOT, List.of(leased.ends(new Ending.Sent(new byte[0]))));
        return leased.payload()[0];
    }

    private static void newcomer(MessageQueue queue, Random random, int chat, int highestCost) {
        Priority priority = List.of(Priority.values()).get(random.nextInt(3));
        queue.enqueue(BOT, message(ChatId.of(chat), priority, 0, 1 + random.nextInt(highestCost)));
    }

    private static void add(MessageQueue queue, Random random, Priority priority, int chat, int highestCost) {
        queue.enqueue(BOT, message(chat(priority, chat), priority, chat, 1 + random.nextInt(highestCost)));
    }

    private static NewMessage message(ChatId chat, Priority priority, int number, int cost) {
        return NewMessage.to(chat, new byte[] {(byte) number})
                .withPriority(priority)
                .costing(cost);
    }

    private static ChatId chat(Priority priority, int number) {
        return ChatId.of(100L * WORTH.getOrDefault(priority, 0) + number);
    }

    private static MessageQueue inMemory() {
        var clock = new SettableMicros();
        return MessageQueues.inMemory(
                clock,
                RateLimiters.inMemory(clock),
                bot -> NO_LIMITS,
                QueueSettings.DEFAULT,
                RandomGenerator.getDefault());
    }

    private static MessageQueue onRedis() {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        TestClockRunner runner = redis.clockRunner().withLongerTtls();
        return MessageQueues.onRedis(
                runner,
                runner,
                KeySpace.DEFAULT,
                bot -> NO_LIMITS,
                QueueSettings.DEFAULT,
                RandomGenerator.getDefault());
    }
}
