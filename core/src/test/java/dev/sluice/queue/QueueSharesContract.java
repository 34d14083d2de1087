package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much everybody gets while others want more, with one and with many messages in flight, and how long they wait. */
abstract class QueueSharesContract extends QueueIdentitiesContract {
    private static final int TURNS = 40;
    private static final int HEAVY = 0;

    private final Random random = new Random(4);
    private final List<Leased> flying = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 50})
    void a_chat_with_a_long_backlog_takes_nothing_from_those_with_a_short_one(int inFlight) {
        int chats = chats(inFlight);
        backlog(HEAVY, 2 * TURNS);
        for (int chat = 1; chat < chats; chat++) {
            backlog(chat, 2);
        }

        Map<Integer, Integer> claimed = run(inFlight, chats * TURNS, Come.ON_CLAIM);

        assertThat(leastShare(claimed, chats)).as("%s", claimed).isGreaterThanOrEqualTo(0.97);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 50})
    void chats_whose_messages_come_one_by_one_get_nearly_as_much_as_one_with_a_backlog(int inFlight) {
        int chats = chats(inFlight);
        backlog(HEAVY, 2 * TURNS);
        for (int chat = 1; chat < chats; chat++) {
            backlog(chat, 1);
        }

        Map<Integer, Integer> claimed = run(inFlight, chats * TURNS, Come.ON_SETTLEMENT);

        assertThat(leastShare(claimed, chats)).as("%s", claimed).isGreaterThanOrEqualTo(0.90);
    }

    private static int place(Priority priority) {
        return List.of(Priority.HIGH, Priority.NORMAL, Priority.LOW).indexOf(priority) + 1;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 50})
    void low_keeps_its_part_under_a_flood_of_high_and_normal(int inFlight) {
        for (Priority priority : Priority.values()) {
            for (int chat = 0; chat < chats(inFlight); chat++) {
                int one = 1_000 * place(priority) + chat;
                queue.enqueueAll(BOT, Collections.nCopies(2, numbered(priority, one)));
            }
        }
        int claims = 21 * TURNS;

        Map<Integer, Integer> claimed = run(inFlight, claims, Come.ON_CLAIM);

        int low = claimed.entrySet().stream()
                .filter(entry -> entry.getKey() / 1_000 == place(Priority.LOW))
                .mapToInt(Map.Entry::getValue)
                .sum();
        assertThat(low).isBetween(TURNS - 1, TURNS + 1);
    }

    @Test
    void a_chat_with_a_long_backlog_that_is_told_429_holds_nobody_up() {
        limits = TelegramLimits.DOCUMENTED;
        BotId flooded = new BotId(43);
        for (int i = 0; i < 20; i++) {
            queue.enqueueAll(flooded, Collections.nCopies(MessageQueue.MAX_BATCH, message(ANN, "backlog")));
        }

        Duration alone = waitOfNearlyAll(BOT);
        Duration beside = waitOfNearlyAll(flooded);

        assertThat(alone).isGreaterThan(SECOND);
        assertThat(beside).isLessThanOrEqualTo(alone.multipliedBy(11).dividedBy(10));
    }

    /** So many that a chat waits for its turn longer than it is in flight: else that decides how much it gets. */
    private static int chats(int inFlight) {
        return Math.max(20, 3 * inFlight);
    }

    /** When the next message of a chat comes whose last one was claimed. */
    private enum Come {
        ON_CLAIM,
        ON_SETTLEMENT
    }

    /** Claims so many with so many in flight, of which any may be the next to end; says how many were each chat's. */
    private Map<Integer, Integer> run(int inFlight, int claims, Come come) {
        var claimed = new HashMap<Integer, Integer>();
        for (int left = claims; left > 0; ) {
            List<Leased> leased = claim(Math.min(left, inFlight - flying.size()));
            left -= leased.size();
            leased.forEach(message -> claimed.merge(chat(message), 1, Integer::sum));
            flying.addAll(leased);
            Collections.shuffle(flying, random);
            var ended = flying.subList(0, 1 + random.nextInt(flying.size()));
            queue.settle(
                    BOT,
                    ended.stream()
                            .map(it -> it.ends(new Ending.Sent(bytes(""))))
                            .toList());
            List<Leased> followed = come == Come.ON_CLAIM ? leased : List.copyOf(ended);
            queue.enqueueAll(
                    BOT,
                    followed.stream()
                            .filter(message -> chat(message) != HEAVY)
                            .map(message -> numbered(message.priority(), chat(message)))
                            .toList());
            ended.clear();
        }
        return claimed;
    }

    /** What the chat with the least has of what would be its fair share. */
    private static double leastShare(Map<Integer, Integer> claimed, int chats) {
        assertThat(claimed).hasSize(chats);
        double all = claimed.values().stream().mapToInt(it -> it).sum();
        return claimed.values().stream().mapToInt(it -> it).min().orElseThrow() * chats / all;
    }

    private void backlog(int chat, int messages) {
        queue.enqueueAll(BOT, Collections.nCopies(messages, numbered(Priority.NORMAL, chat)));
    }

    private static NewMessage numbered(Priority priority, int chat) {
        return message(ChatId.of(1 + chat), Integer.toString(chat)).withPriority(priority);
    }

    private static int chat(Leased leased) {
        return Integer.parseInt(text(leased));
    }

    /** In half a minute a hundred chats, each with something to say, come all at once every five seconds: the 99th percentile. */
    private Duration waitOfNearlyAll(BotId bot) {
        var micros = new ArrayList<Long>();
        for (int burst = 0; burst < 6; burst++) {
            long next = clock.getAsLong() + 5_000_000;
            for (int i = 0; i < 100; i++) {
                queue.enqueue(bot, message(ChatId.of(1_000 + 100 * burst + i), "other"));
            }
            while (clock.getAsLong() < next) {
                Claims claims = queue.claim(bot, 50);
                for (Leased leased : claims.messages()) {
                    boolean other = text(leased).equals("other");
                    if (other) {
                        micros.add(clock.getAsLong() - leased.id().number());
                    }
                    Ending ending = other ? new Ending.Sent(bytes("")) : new Ending.Flooded(Duration.ofSeconds(60));
                    queue.settle(bot, List.of(leased.ends(ending)));
                }
                long wake = claims.wakeUp().map(it -> it.toNanos() / 1_000).orElse(Long.MAX_VALUE);
                clock.advance(Duration.ofNanos(1_000 * Math.max(1, Math.min(wake, next - clock.getAsLong()))));
            }
        }
        assertThat(micros).hasSize(600);
        micros.sort(null);
        return Duration.ofNanos(1_000 * micros.get(600 * 99 / 100 - 1));
    }
}
