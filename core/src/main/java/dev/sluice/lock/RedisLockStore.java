package dev.sluice.lock;

import dev.sluice.redis.Announcements;
import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Locks in Redis: a string for each, and two sorted sets while somebody waits, all under one hash tag. */
final class RedisLockStore implements LockStore {
    private static final Script ACQUIRE = script("acquire");
    private static final Script RENEW = script("renew");
    private static final Script RELEASE = script("release");
    private static final Script LOOK = script("look");

    private static final int TAKEN = 1;
    private static final int FULL = 2;

    private final ScriptRunner deciding;
    private final ScriptRunner settling;
    private final KeySpace keys;
    private final Announcements announcements;

    /** @param settling for what a holder does: a renewal or release that is late is better than none */
    RedisLockStore(ScriptRunner deciding, ScriptRunner settling, KeySpace keys, Announcements announcements) {
        this.deciding = deciding;
        this.settling = settling;
        this.keys = keys;
        this.announcements = announcements;
    }

    @Override
    public Answer acquire(LockName name, LockOwner owner, Duration lease, boolean waits) {
        ScriptReply reply = deciding.run(
                ACQUIRE,
                name.keys(keys),
                List.of(
                        ascii(owner.id()),
                        ascii(micros(lease)),
                        ascii(waits ? "wait" : "now"),
                        ascii(micros(Line.TURN)),
                        ascii(micros(Line.PLACE)),
                        ascii(Line.MOST)));
        return switch (Math.toIntExact(reply.number(0))) {
            case TAKEN -> new Answer.Taken(reply.number(1));
            case FULL -> new Answer.Full(duration(reply.number(1)));
            default ->
                new Answer.NotYet(
                        duration(reply.number(1)), duration(reply.number(2)), Math.toIntExact(reply.number(3)));
        };
    }

    @Override
    public boolean renew(LockName name, LockOwner owner, Duration lease) {
        return settling.run(RENEW, name.keys(keys), List.of(ascii(owner.id()), ascii(micros(lease))))
                        .number(0)
                == 1;
    }

    @Override
    public boolean release(LockName name, LockOwner owner) {
        return settling.run(
                                RELEASE,
                                name.keys(keys),
                                List.of(ascii(owner.id()), ascii(LockName.channel(keys)), ascii(Line.TOLD)))
                        .number(0)
                == 1;
    }

    @Override
    public LockStanding look(LockName name) {
        ScriptReply reply = deciding.run(LOOK, name.keys(keys), List.of());
        boolean held = reply.number(0) == 1;
        return new LockStanding(
                held,
                reply.number(1),
                held ? Optional.of(Instant.EPOCH.plus(reply.number(2), ChronoUnit.MICROS)) : Optional.empty(),
                duration(reply.number(3)),
                Math.toIntExact(reply.number(4)));
    }

    @Override
    public Subscription listen(Consumer<String> next) {
        return announcements.listen(LockName.channel(keys), next);
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private static Duration duration(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    private static byte[] ascii(long number) {
        return ascii(Long.toString(number));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Script script(String name) {
        return Script.of(
                "lock/" + name,
                new Part(RedisLockStore.class, "lock.lua"),
                new Part(RedisLockStore.class, name + ".lua"));
    }
}
