package dev.sluice.namedlimit;

import dev.sluice.limit.BucketScript;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Waiter;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Named limits in Redis: one hash with all definitions, and the buckets of all limits. */
final class RedisNamedLimits implements NamedLimits {
    private static final Script ACQUIRE = Script.of(
            "namedlimit/acquire", BucketScript.BUCKETS, BucketScript.DECISION, part("definition"), part("acquire"));
    private static final Script USAGE =
            Script.of("namedlimit/usage", BucketScript.BUCKETS, part("definition"), part("usage"));
    private static final Script DEFINE = Script.of("namedlimit/define", part("define"));
    private static final Script REMOVE = Script.of("namedlimit/remove", part("remove"));
    private static final Script LIST = Script.of("namedlimit/list", part("list"));

    private static final int UNKNOWN = 0;
    private static final int TOO_HEAVY = 2;

    /** As {@code buckets.lua} calls it. */
    private static final byte[] NOBODY = new byte[8];

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final LongSupplier clock;
    private final Charged charged;

    /** Hears of each admission before its caller does. */
    @FunctionalInterface
    interface Charged {
        /**
         * @param asked by the clock of whoever listens, before Redis was asked
         * @param at microseconds of Redis' clock
         */
        void at(long asked, long at);
    }

    RedisNamedLimits(ScriptRunner redis, KeySpace keys) {
        this(redis, keys, () -> 0, (asked, at) -> {});
    }

    /** @param clock of whoever listens */
    RedisNamedLimits(ScriptRunner redis, KeySpace keys, LongSupplier clock, Charged charged) {
        this.redis = redis;
        this.keys = keys;
        this.clock = clock;
        this.charged = charged;
    }

    @Override
    public void define(NamedLimit limit) {
        define(limit, "");
    }

    @Override
    public NamedLimit defineIfAbsent(NamedLimit limit) {
        return define(limit, "absent");
    }

    private NamedLimit define(NamedLimit limit, String when) {
        ScriptReply reply = redis.run(
                DEFINE,
                List.of(definitions()),
                List.of(ascii(limit.name()), ascii(Definitions.write(limit)), ascii(MOST_LIMITS), ascii(when)));
        if (reply.number(0) == 0) {
            throw new TooManyLimitsException();
        }
        return Definitions.read(limit.name(), reply.text(1));
    }

    @Override
    public boolean remove(String name) {
        NamedLimit.requireName(name);
        return redis.run(REMOVE, List.of(definitions()), List.of(ascii(name))).number(0) == 1;
    }

    @Override
    public List<NamedLimit> list() {
        ScriptReply reply = redis.run(LIST, List.of(definitions()), List.of());
        var all = new ArrayList<NamedLimit>(reply.size() / 2);
        for (int i = 0; i < reply.size(); i += 2) {
            all.add(Definitions.read(reply.text(i), reply.text(i + 1)));
        }
        all.sort(Comparator.comparing(NamedLimit::name));
        return all;
    }

    @Override
    public Optional<NamedLimit> find(String name) {
        ScriptReply reply = ask(Use.of(name));
        return reply.number(0) == UNKNOWN ? Optional.empty() : Optional.of(Definitions.read(name, reply.text(1)));
    }

    @Override
    public Passage acquire(Use use, Optional<Waiter> waiter) {
        long asked = clock.getAsLong();
        ScriptReply reply = redis.run(
                ACQUIRE,
                List.of(definitions(), BucketScript.key(use.bucket(), keys)),
                List.of(
                        ascii(use.limit()),
                        ascii(use.weight()),
                        waiter.map(process -> ascii(process.process())).orElse(NOBODY),
                        ascii(micros(waiter.map(Waiter::stays).orElse(Duration.ZERO)))));
        NamedLimit definition = definition(use, reply);
        if (reply.number(0) == TOO_HEAVY) {
            return Passage.tooHeavy(definition, use.weight(), true);
        }
        return switch (BucketScript.decision(use.of(definition, waiter), reply, 3)) {
            case Decision.Allowed allowed -> {
                charged.at(asked, allowed.at());
                yield new Passage.Allowed(definition, allowed.remaining().getFirst(), micros(reply.number(2)), true);
            }
            case Decision.Denied denied -> Passage.denied(definition, denied, true);
        };
    }

    @Override
    public LimitUsage usage(Use use) {
        ScriptReply reply = ask(use);
        return new LimitUsage(
                definition(use, reply), (int) reply.number(2), (int) reply.number(3), micros(reply.number(4)));
    }

    private ScriptReply ask(Use use) {
        return redis.run(
                USAGE, List.of(definitions(), BucketScript.key(use.bucket(), keys)), List.of(ascii(use.limit())));
    }

    private static NamedLimit definition(Use use, ScriptReply reply) {
        if (reply.number(0) == UNKNOWN) {
            throw new UnknownLimitException(use.limit());
        }
        return Definitions.read(use.limit(), reply.text(1));
    }

    private String definitions() {
        return keys.key("rate_limit", Use.TAG, "definitions");
    }

    private static long micros(Duration duration) {
        return duration.dividedBy(ChronoUnit.MICROS.getDuration());
    }

    private static Duration micros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] ascii(long number) {
        return ascii(Long.toString(number));
    }

    private static Part part(String name) {
        return new Part(RedisNamedLimits.class, name + ".lua");
    }
}
