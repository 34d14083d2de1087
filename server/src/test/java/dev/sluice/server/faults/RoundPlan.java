package dev.sluice.server.faults;

import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What happens in one round, all of it from its seed: who writes what to whom on which way, how Telegram fails, and who is
 * killed when. How the processes interleave is theirs.
 *
 * @param chats what is queued, chat by chat, each in its order
 * @param telegram what goes wrong there, first those of single chats
 * @param blows in the order in which they fall
 */
record RoundPlan(long seed, List<List<Draft>> chats, List<FaultRule> telegram, List<Blow> blows) {
    /** A chat that answers 403, whatever is sent to it. */
    private static final long BLOCKED = 999_000_403;

    /** Longer than {@link QueueBench}'s workers wait for an answer. */
    private static final Duration SILENCE = Duration.ofMillis(1_500);

    private static final long ROOM_OF_A_ROUND = 100;
    private static final List<String> PRIORITIES = List.of("high", "normal", "low");

    /** Who is killed. */
    enum Target {
        WORKER,
        /** Two workers at once. */
        WORKERS,
        REDIS,
        WORKER_AND_REDIS
    }

    /**
     * A SIGKILL, or two at once.
     *
     * @param arrived how many messages of this round Telegram has by then
     * @param which of the workers
     * @param noticed whether Redis stays away until a caller has met its absence
     */
    record Blow(int arrived, Target target, int which, boolean noticed) {
        boolean hitsRedis() {
            return target == Target.REDIS || target == Target.WORKER_AND_REDIS;
        }
    }

    /** @param round its number, so that no two rounds share chats or texts */
    static RoundPlan of(long seed, int round, long bot) {
        var random = new SplittableRandom(seed);
        var chats = new ArrayList<List<Draft>>();
        var telegram = new ArrayList<FaultRule>();
        int count = random.nextInt(4, 7);
        for (int c = 0; c < count; c++) {
            long chat = c == 0 && random.nextInt(3) == 0 ? BLOCKED : 1_000_000 + round * ROOM_OF_A_ROUND + c;
            String priority = PRIORITIES.get(random.nextInt(PRIORITIES.size()));
            int length = random.nextInt(4, 9);
            String name = "round " + round + " chat " + c + " text ";
            chats.add(IntStream.range(0, length)
                    .mapToObj(i -> new Draft(chat, name + i, way(random), priority))
                    .toList());
            if (random.nextInt(5) < 3) {
                telegram.add(FaultRule.of(effect(random))
                        .onBot(bot)
                        .onChat(chat)
                        .skipping(random.nextInt(length))
                        .times(1));
            }
        }
        // Always something in flight for a blow to hit.
        telegram.add(FaultRule.of(new FaultEffect.Latency(Duration.ofMillis(random.nextInt(10, 120))))
                .onBot(bot));
        int all = chats.stream().mapToInt(List::size).sum();
        return new RoundPlan(seed, List.copyOf(chats), List.copyOf(telegram), blows(random, all));
    }

    /** All that is written. */
    Set<String> texts() {
        return chats.stream().flatMap(List::stream).map(Draft::text).collect(Collectors.toSet());
    }

    /** The same with its first blow only. */
    RoundPlan once() {
        return new RoundPlan(seed, chats, telegram, blows.subList(0, 1));
    }

    /** The same without blows. */
    RoundPlan quiet() {
        return new RoundPlan(seed, chats, telegram, List.of());
    }

    private static Draft.Way way(SplittableRandom random) {
        var ways = Draft.Way.values();
        return ways[random.nextInt(ways.length)];
    }

    private static FaultEffect effect(SplittableRandom random) {
        return switch (random.nextInt(9)) {
            case 0 -> new FaultEffect.TooManyRequests(1);
            case 1 -> new FaultEffect.ServerError(random.nextBoolean());
            case 2 -> new FaultEffect.BadGateway(random.nextBoolean());
            case 3 -> new FaultEffect.ResetBefore();
            case 4 -> new FaultEffect.ResetAfter();
            case 5 -> new FaultEffect.HangBefore(SILENCE);
            case 6 -> new FaultEffect.HangAfter(SILENCE);
            case 7 -> new FaultEffect.TruncatedBody();
            default -> new FaultEffect.SlowAnswer(Duration.ofMillis(500));
        };
    }

    private static List<Blow> blows(SplittableRandom random, int messages) {
        // A worker takes seconds to start, on a busy machine many: most blows leave enough of them for the next.
        var targets = List.of(
                Target.WORKER,
                Target.WORKER,
                Target.REDIS,
                Target.REDIS,
                Target.REDIS,
                Target.WORKER_AND_REDIS,
                Target.WORKERS);
        return IntStream.range(0, random.nextInt(3) == 0 ? 2 : 1)
                .mapToObj(i -> new Blow(
                        random.nextInt(1, messages / 2),
                        targets.get(random.nextInt(targets.size())),
                        random.nextInt(100),
                        random.nextBoolean()))
                .toList();
    }
}
