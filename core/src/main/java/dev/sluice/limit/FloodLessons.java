package dev.sluice.limit;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What Telegram's 429 means for the buckets of one process: as {@code floods.lua} and {@code learning.lua}, which explain it. Guarded by the limiter's lock. */
final class FloodLessons {
    private static final long COUNT_FOR = Microseconds.of(Floods.COUNT_FOR);
    private static final long REMEMBERED = 60_000_000;
    private static final long CREDIBLE = 3_600_000_000L;
    private static final int MOST_NAMES = 64;
    private static final long SWEPT_EVERY = 1_000_000;
    private static final Comparator<Map.Entry<String, Long>> BY_TIME =
            Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey());

    /** By what is parked when several chats are told: who was told lately, and when. */
    private final Map<Bucket, Map<String, Long>> floods = new HashMap<>();

    private final Function<Bucket, BucketState> states;

    /** When those of all bots are looked through next: not with each 429, of which there may be many. */
    private long sweepAt = Long.MIN_VALUE;

    /** @param states a bucket's state, kept from then on */
    FloodLessons(Function<Bucket, BucketState> states) {
        this.states = states;
    }

    Floods.Told told(Flood flood, long now) {
        long park = Microseconds.of(flood.retryAfter());
        states.apply(flood.parked()).park(now + park);
        Map<String, Long> recent = recent(flood.ofAllChats(), now);
        boolean again = last(recent)
                .filter(last -> last.getKey().equals(flood.name()) && last.getValue() < flood.admittedAt())
                .isPresent();
        recent.put(flood.name(), now);
        boolean parksBot = flood.chat().isPresent() && count(recent, COUNT_FOR, now) >= Floods.THAT_PARK_THE_BOT;
        if (parksBot) {
            states.apply(flood.ofAllChats()).park(now + park);
        }
        return new Floods.Told(parksBot, learned(flood, recent, again, park, now));
    }

    private Map<String, Long> recent(Bucket bot, long now) {
        if (now >= sweepAt) {
            floods.values().forEach(told -> forgetOld(told, now));
            floods.values().removeIf(Map::isEmpty);
            sweepAt = now + SWEPT_EVERY;
        }
        Map<String, Long> recent = floods.computeIfAbsent(bot, ignored -> new HashMap<>());
        forgetOld(recent, now);
        while (recent.size() >= MOST_NAMES) {
            recent.entrySet().stream().min(BY_TIME).ifPresent(oldest -> recent.remove(oldest.getKey()));
        }
        return recent;
    }

    private static void forgetOld(Map<String, Long> told, long now) {
        told.values().removeIf(at -> at < now - REMEMBERED);
    }

    private static Optional<Map.Entry<String, Long>> last(Map<String, Long> recent) {
        return recent.entrySet().stream().max(BY_TIME);
    }

    private static int count(Map<String, Long> recent, long within, long now) {
        return (int) recent.values().stream().filter(at -> at >= now - within).count();
    }

    private Optional<Bucket> learned(Flood flood, Map<String, Long> recent, boolean again, long park, long now) {
        long admitted = flood.admittedAt();
        if (flood.ofAll().isEmpty() || admitted > now || admitted < now - CREDIBLE) {
            return Optional.empty();
        }
        Charge all = flood.ofAll().get();
        BucketState state = states.apply(all.bucket());
        Optional<Pace> pace = state.pace(now);
        double rate = pace.map(known -> Math.min(Pace.rate(all.limit()), known.rate(all.limit(), now)))
                .orElseGet(() -> Pace.rate(all.limit()));
        long within = pace.isPresent() ? Math.max(COUNT_FOR, (long) Math.ceil(4_000_000 / rate)) : COUNT_FOR;
        int told = count(recent, within, now);
        Optional<Charge> chat = flood.own("chat");
        if (chat.isEmpty() || told >= Floods.THAT_PARK_THE_BOT) {
            return lower(all, admitted, Math.max(0, told - 1), park, now);
        }
        if (pace.isPresent() && pace.get().knows(admitted)) {
            return Optional.empty();
        }
        Optional<Charge> group = flood.own("group");
        boolean known = state(chat.get()).pace(now).isPresent()
                || group.isPresent() && state(group.get()).pace(now).isPresent();
        boolean idle = state.used(all.limit(), now) < 0.25 * rate * Pace.window(all.limit()) / 1_000_000;
        if (again || known || idle) {
            return lower(
                    group.filter(it -> isGroups(chat.get(), it, park, now)).orElse(chat.get()), admitted, 0, park, now);
        }
        return Optional.empty();
    }

    private boolean isGroups(Charge chat, Charge group, long park, long now) {
        return park >= 10 * Pace.window(chat.limit())
                || state(group).used(group.limit(), now) >= 0.8 * group.limit().capacity();
    }

    private Optional<Bucket> lower(Charge charge, long admitted, int others, long park, long now) {
        return state(charge).lower(charge.limit(), admitted, others, park, now)
                ? Optional.of(charge.bucket())
                : Optional.empty();
    }

    private BucketState state(Charge charge) {
        return states.apply(charge.bucket());
    }
}
