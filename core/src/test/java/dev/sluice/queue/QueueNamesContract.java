package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which bots are looked after, and when one is no more. */
abstract class QueueNamesContract extends QueueSnapshotsContract {
    private static final Duration UNUSED = Duration.ofDays(30);

    /** Lets the backend's process be another one, which remembers nothing of what it named. */
    abstract void anotherProcess();

    @Test
    void a_bot_that_has_nothing_is_forgotten_when_nobody_enqueued_for_long_and_named_again_by_the_next_message() {
        add(ANN, "a");
        sent(claimOne());
        clock.advance(UNUSED);
        assertThat(queue.forgetUnused(UNUSED)).as("not yet").isEmpty();
        assertThat(queue.bots()).contains(BOT);

        clock.advance(SECOND);
        assertThat(queue.forgetUnused(UNUSED)).containsExactly(BOT);
        assertThat(queue.bots()).doesNotContain(BOT);
        assertThat(queue.forgetUnused(UNUSED)).isEmpty();
        assertThat(statistics().sent()).as("its counters go with it").isZero();

        add(ANN, "b");
        assertThat(queue.bots()).contains(BOT);
    }

    @Test
    void whatever_a_bot_still_has_keeps_it_named() {
        Map<BotId, Consumer<BotId>> having = new HashMap<>();
        having.put(new BotId(101), bot -> queue.enqueue(bot, message(ANN, "queued")));
        having.put(
                new BotId(102),
                bot -> queue.enqueue(bot, message(ANN, "delayed").notBefore(UNUSED.plusDays(9))));
        having.put(new BotId(103), bot -> ended(bot, new Ending.Refused("refused-400")));
        having.put(new BotId(104), bot -> ended(bot, new Ending.Unanswered("timeout")));
        having.put(new BotId(105), bot -> paused(bot, new PauseScope.WholeBot()));
        having.put(new BotId(106), bot -> paused(bot, new PauseScope.OnePriority(Priority.LOW)));
        having.put(new BotId(107), bot -> paused(bot, new PauseScope.OneChat(ANN)));
        having.put(new BotId(108), bot -> {
            queue.enqueue(bot, message(ANN, "leased"));
            queue.claim(bot, 1);
        });
        having.forEach((bot, has) -> has.accept(bot));
        BotId empty = new BotId(109);
        queue.enqueue(empty, message(ANN, "sent"));
        settled(empty, new Ending.Sent(bytes("result")));
        clock.advance(UNUSED.plusDays(1));

        assertThat(queue.forgetUnused(UNUSED)).containsExactly(empty);
        assertThat(queue.bots()).containsAll(having.keySet());
    }

    @Test
    void a_bot_of_which_only_another_name_or_a_pause_is_known_is_looked_after_and_forgotten_like_any_other() {
        var name = new ChatId("@name");
        BotId identified = new BotId(110);
        BotId paused = new BotId(111);
        queue.identify(identified, name, ANN);
        queue.pause(paused, new PauseScope.OneChat(ANN));
        assertThat(queue.identity(identified, name)).isEqualTo(ANN);
        queue.resume(paused, new PauseScope.OneChat(ANN));
        clock.advance(UNUSED.plus(SECOND));

        assertThat(queue.forgetUnused(UNUSED)).containsExactlyInAnyOrder(identified, paused);
        assertThat(queue.identity(identified, name)).isEqualTo(name);
    }

    @Test
    void a_bot_whose_message_was_leased_since_then_stays_named_until_no_worker_can_be_late() {
        queue.enqueue(BOT, message(ANN, "delayed").notBefore(UNUSED));
        clock.advance(UNUSED.plus(SECOND));
        Leased leased = claimOne();
        sent(leased);
        assertThat(queue.forgetUnused(UNUSED)).isEmpty();
        assertThat(statistics().sent()).isEqualTo(1);
        clock.advance(UNUSED.plus(SECOND));

        assertThat(queue.forgetUnused(UNUSED)).containsExactly(BOT);
        assertThat(statistics().sent()).isZero();
    }

    @Test
    void a_callback_that_is_owed_keeps_its_bot_named() {
        queue.enqueue(BOT, message(ANN, "delayed").notBefore(UNUSED).toldTo(bytes("target")));
        clock.advance(UNUSED.plus(SECOND));
        sent(claimOne());

        assertThat(queue.forgetUnused(UNUSED)).isEmpty();
        assertThat(queue.bots()).contains(BOT);
    }

    @Test
    void what_is_enqueued_while_its_bot_is_forgotten_is_looked_after() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 100; round++) {
                clock.advance(UNUSED.plus(SECOND));
                anotherProcess();
                var enqueued = threads.submit(() -> add(ANN, "a"));
                var forgotten = threads.submit(() -> queue.forgetUnused(UNUSED));
                enqueued.get();
                forgotten.get();

                assertThat(queue.bots()).as("round %d", round).contains(BOT);
                sent(claimOne());
            }
        }
    }

    @Test
    void a_time_that_is_no_long_one_is_refused() {
        assertThatThrownBy(() -> queue.forgetUnused(Duration.ofMinutes(59)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT59M")
                .hasMessageContaining("1 h to 3650 days");
    }

    private void ended(BotId bot, Ending ending) {
        queue.enqueue(bot, message(ANN, "ended"));
        settled(bot, ending);
    }

    private void settled(BotId bot, Ending ending) {
        Leased leased = queue.claim(bot, 1).messages().getFirst();
        queue.settle(bot, List.of(leased.ends(ending)));
    }

    private void paused(BotId bot, PauseScope scope) {
        ended(bot, new Ending.Sent(bytes("result")));
        queue.pause(bot, scope);
    }
}
