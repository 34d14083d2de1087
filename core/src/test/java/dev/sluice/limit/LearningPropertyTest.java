package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * Random messages, some of which are told 429: memory and Redis decide alike; no window lets more pass than without a pace; and a pace
 * is never below a twentieth of its limit, nor outlives its time.
 */
class LearningPropertyTest {
    private static final Waiter[] PROCESSES = {new Waiter("AAAAAAAA"), new Waiter("BBBBBBBB")};

    private enum Kind {
        SEND,
        PAY,
        REPLY,
        OVERDRAW,
        SHADOW,
        WAIT,
        POSTPONE,
        FLOOD,
        FORGET,
        CHANGE
    }

    /**
     * One thing that happens.
     *
     * @param later microseconds after the one before
     * @param chat whose message it is
     * @param millis how long a park or a postponement is
     */
    record Step(Kind kind, long later, int chat, int weight, int millis) {}

    /** @param others by which the limits change, and back */
    record Scenario(TelegramLimits limits, TelegramLimits others, List<Step> steps) {}

    /** @param parks what is parked where several are told */
    private record Sent(int chat, Bucket parks, Acquisition acquisition, Allowed admission) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        var bot = Arbitraries.of(
                Limit.atMost(30, Duration.ofSeconds(1)),
                Limit.atMost(7, Duration.ofMillis(200)),
                Limit.atMost(2, Duration.ofMillis(300)),
                Limit.smooth(5, Duration.ofMillis(40)));
        var group = Arbitraries.of(Limit.atMost(20, Duration.ofSeconds(3)), Limit.smooth(3, Duration.ofMillis(700)));
        var replies = Arbitraries.of(Limit.atMost(9, Duration.ofSeconds(1))).optional(0.5);
        var limits = Combinators.combine(bot, group, replies)
                .as((ofBot, ofGroup, ofReplies) -> new TelegramLimits(
                                ofBot,
                                Limit.atMost(50, Duration.ofSeconds(1)),
                                Limit.atMost(2, Duration.ofMillis(250)),
                                ofGroup,
                                Optional.empty())
                        .withReplies(ofReplies));
        return Combinators.combine(
                        limits,
                        Arbitraries.of(2, 5, 60),
                        steps().list().ofMinSize(5).ofMaxSize(120))
                .as((before, capacity, steps) -> new Scenario(before, changed(before, capacity), steps));
    }

    /** Other numbers in the same windows: of a longer one memory has forgotten exactly what is over, Redis a little later. */
    private static TelegramLimits changed(TelegramLimits limits, int capacity) {
        return new TelegramLimits(
                        changed(limits.bot(), capacity),
                        limits.paid(),
                        changed(limits.chat(), 1),
                        changed(limits.group(), capacity),
                        Optional.empty())
                .withReplies(
                        limits.replies().isEmpty()
                                ? Optional.of(Limit.atMost(6, Duration.ofSeconds(1)))
                                : Optional.empty());
    }

    private static Limit changed(Limit limit, int capacity) {
        return switch (limit) {
            case Limit.StrictWindow(int before, Duration window) -> Limit.atMost(capacity, window);
            case Limit.Gcra smooth -> Limit.smooth(capacity, Duration.ofMillis(90));
        };
    }

    private static Arbitrary<Step> steps() {
        var kind = Arbitraries.frequency(
                Tuple.of(20, Kind.SEND),
                Tuple.of(3, Kind.PAY),
                Tuple.of(4, Kind.REPLY),
                Tuple.of(1, Kind.OVERDRAW),
                Tuple.of(2, Kind.SHADOW),
                Tuple.of(3, Kind.WAIT),
                Tuple.of(1, Kind.POSTPONE),
                Tuple.of(10, Kind.FLOOD),
                Tuple.of(1, Kind.FORGET),
                Tuple.of(1, Kind.CHANGE));
        var later = Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.longs().between(0, 60_000)),
                Tuple.of(2, Arbitraries.longs().between(0, 2_000_000)),
                Tuple.of(1, Arbitraries.longs().between(0, 90_000_000)));
        var chat = Arbitraries.of(1, 2, 3, 4, 5, 6, -1, -2);
        var weight = Arbitraries.frequency(Tuple.of(12, 1), Tuple.of(1, 2), Tuple.of(1, 9));
        return Combinators.combine(kind, later, chat, weight, Arbitraries.of(1, 40, 400, 1_000, 20_000))
                .as(Step::new);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
    void in_memory(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        replay(scenario, clock, List.of(new InMemoryRateLimiter(clock)));
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void redis_decides_as_memory_does(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        replay(scenario, clock, List.of(new InMemoryRateLimiter(clock), RedisByTestClock.limiter(clock)));
    }

    private static void replay(Scenario scenario, SettableMicros clock, List<RateLimiter> limiters) {
        BotId id = new LearningFixture(limiters.getFirst(), clock, scenario.limits()).bot;
        List<LearningFixture> all = under(scenario.limits(), id, clock, limiters);
        List<LearningFixture> others = under(scenario.others(), id, clock, limiters);
        var sent = new ArrayDeque<Sent>();
        var windows = new Windows(scenario.limits());
        boolean changes = false;
        for (Step step : scenario.steps()) {
            clock.advanceMicros(step.later());
            switch (step.kind()) {
                case SEND, PAY, REPLY, OVERDRAW, SHADOW, WAIT -> send(all, step, sent, windows, clock.getAsLong());
                case POSTPONE -> postpone(all, step, sent, windows);
                case FLOOD -> flood(all, step, sent);
                case FORGET ->
                    same(
                            all,
                            bot -> bot.limiter.forgetLearned(bot.botBucket())
                                    || bot.limiter.forgetLearned(bot.chatBucket(step.chat())));
                case CHANGE -> {
                    List<LearningFixture> before = all;
                    all = others;
                    others = before;
                    windows.uncertain();
                    changes = true;
                }
            }
            bounded(all, step.chat(), changes);
        }
    }

    private static List<LearningFixture> under(
            TelegramLimits limits, BotId bot, SettableMicros clock, List<RateLimiter> limiters) {
        return limiters.stream()
                .map(limiter -> new LearningFixture(bot, limiter, clock, limits))
                .toList();
    }

    private static void send(List<LearningFixture> all, Step step, Deque<Sent> sent, Windows windows, long now) {
        LearningFixture bot = all.getFirst();
        SendLane lane = SendLane.of(step.kind() == Kind.PAY, step.kind() == Kind.REPLY);
        var question = Acquisition.of(
                bot.limits.charges(bot.bot, Optional.of(LearningFixture.chat(step.chat())), step.weight(), lane));
        Acquisition asked = switch (step.kind()) {
            case OVERDRAW -> question.overdrawing();
            case SHADOW -> question.shadowed();
            case WAIT -> question.waitingAs(PROCESSES[Math.floorMod(step.chat(), 2)]);
            case SEND, PAY, REPLY, POSTPONE, FLOOD, FORGET, CHANGE -> question;
        };
        Decision decision = same(all, it -> it.limiter.tryAcquire(asked));
        if (decision instanceof Allowed allowed && allowed.shadowDenied().isEmpty()) {
            sent.addLast(new Sent(step.chat(), bot.limits.floodedBucket(bot.bot, lane), asked, allowed));
            windows.passed(asked, now);
        }
    }

    private static void postpone(List<LearningFixture> all, Step step, Deque<Sent> sent, Windows windows) {
        if (!sent.isEmpty()) {
            Sent last = sent.removeLast();
            windows.uncertain();
            if (fillsSeveralWindows(last.acquisition())) {
                // Once they are over, memory has forgotten them and Redis not yet: there only what is left can move.
                return;
            }
            all.forEach(bot ->
                    bot.limiter.postpone(last.acquisition(), last.admission(), Duration.ofMillis(step.millis())));
        }
    }

    private static boolean fillsSeveralWindows(Acquisition acquisition) {
        return acquisition.charges().stream()
                .anyMatch(charge -> charge.weight() > charge.limit().capacity());
    }

    private static void flood(List<LearningFixture> all, Step step, Deque<Sent> sent) {
        if (!sent.isEmpty()) {
            Sent told = step.chat() > 0 ? sent.removeFirst() : sent.removeLast();
            same(
                    all,
                    bot -> bot.limiter.flooded(new Flood(
                            bot.bot,
                            Optional.of(LearningFixture.chat(told.chat())),
                            Duration.ofMillis(step.millis()),
                            told.parks(),
                            told.acquisition().charges(),
                            told.admission().at())));
        }
    }

    private static void bounded(List<LearningFixture> all, int chat, boolean changes) {
        Optional<LearnedPace> ofBot = same(all, LearningFixture::botPace);
        Optional<LearnedPace> ofChat = same(all, bot -> bot.chatPace(chat));
        TelegramLimits limits = all.getFirst().limits;
        bounded(ofBot, limits.bot(), changes);
        bounded(ofChat, limits.chat(), changes);
        if (chat < 0) {
            bounded(same(all, bot -> bot.groupPace(chat)), limits.group(), changes);
        }
        for (Bucket lane : List.of(
                TelegramLimits.paidBucket(all.getFirst().bot), TelegramLimits.repliesBucket(all.getFirst().bot))) {
            same(all, bot -> bot.limiter.statistics(lane, limits.paid()));
        }
    }

    /** @param changes whether the limit may have been another when the pace was learned */
    private static void bounded(Optional<LearnedPace> pace, Limit limit, boolean changes) {
        pace.ifPresent(known -> {
            if (!changes) {
                assertThat(known.perSecond())
                        .isGreaterThanOrEqualTo(Math.floor(Pace.rate(limit) / 20 * 1000) / 1000)
                        .isLessThanOrEqualTo(Pace.rate(limit));
            }
            assertThat(known.forgottenIn()).isPositive().isLessThan(Duration.ofMinutes(200));
        });
    }

    private static <T> T same(List<LearningFixture> all, Function<LearningFixture, T> asked) {
        List<T> answers = all.stream().map(asked).toList();
        assertThat(answers).allSatisfy(answer -> assertThat(answer).isEqualTo(answers.getFirst()));
        return answers.getFirst();
    }

    /** Counts what passed in each window, as if there were no pace. */
    private static final class Windows {
        private final TelegramLimits limits;
        private final List<Long> passed = new ArrayList<>();
        private boolean certain = true;

        Windows(TelegramLimits limits) {
            this.limits = limits;
        }

        void uncertain() {
            certain = false;
        }

        void passed(Acquisition asked, long now) {
            Charge bot = asked.charges().getFirst();
            certain &= !asked.overdraft() && bot.weight() <= bot.limit().capacity();
            for (int i = 0; i < bot.weight(); i++) {
                passed.add(now);
            }
            if (certain && limits.bot() instanceof Limit.StrictWindow(int capacity, Duration window)) {
                long since = now - Microseconds.of(window);
                assertThat(passed.stream().filter(at -> at > since).count()).isLessThanOrEqualTo(capacity);
            }
        }
    }
}
