package dev.sluice.idempotency;

import dev.sluice.idempotency.ClaimRecord.State.Ended;
import dev.sluice.idempotency.ClaimRecord.State.Leased;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The guard for one process: nothing survives it. Thread-safe; a step is O(log n) under one lock.
 *
 * <p>Bounded: when the number of records or the bytes of their results reach their bound, the records nearest their end
 * go first ({@link #evicted()} counts them: each is a promise cut short). Claims under a lease stay; when they alone fill
 * the guard, a new claim fails with {@link dev.sluice.SluiceException}.
 */
public final class InMemoryIdempotencyGuard implements IdempotencyGuard, TwinWait {
    /** At about 500 bytes a record without its result: 500 MB at worst, and 30 minutes of 555 calls a second. */
    public static final int DEFAULT_MAX_RECORDS = 1_000_000;

    /** Room for records and results together. */
    public static final long DEFAULT_MAX_BYTES = 512L << 20;

    /** With a lease that a settable clock holds still, waiting must not spin. */
    private static final long SHORTEST_WAIT_NANOS = 1_000_000;

    private final LongSupplier microClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final ClaimRecords records;
    private long lastFence;

    /** With this process' monotonic clock and the default bounds. */
    public InMemoryIdempotencyGuard() {
        this(monotonicMicros());
    }

    /** @param microClock microseconds since any time zero or more; should not jump */
    public InMemoryIdempotencyGuard(LongSupplier microClock) {
        this(microClock, DEFAULT_MAX_RECORDS, DEFAULT_MAX_BYTES);
    }

    /**
     * @param maxRecords 1 or more
     * @param maxBytes of records and results together, at least 2 MiB so that one result always fits
     */
    public InMemoryIdempotencyGuard(LongSupplier microClock, int maxRecords, long maxBytes) {
        if (maxRecords < 1) {
            throw new IllegalArgumentException("max records must be 1 or more, not " + maxRecords);
        }
        if (maxBytes < 2L * StoredResult.MAX_BYTES) {
            throw new IllegalArgumentException("max bytes must be 2 MiB or more, not " + maxBytes);
        }
        this.microClock = microClock;
        this.records = new ClaimRecords(maxRecords, maxBytes);
    }

    private static LongSupplier monotonicMicros() {
        long startNanos = System.nanoTime();
        long startMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
        return () -> startMicros + TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
    }

    @Override
    public Claim claim(ClaimRequest request) {
        return claimIf(request, () -> true).orElseThrow();
    }

    @Override
    public Claim claim(ClaimRequest request, Duration maxWait) throws InterruptedException {
        return new PatientClaim(this, this).claim(request, maxWait);
    }

    /**
     * Claims together with another decision of this process, all or nothing.
     *
     * @param admitted asked only if the claim would be {@link Claim.New}, at most once, while all other claims wait: it
     *     must not block and must not come back to this guard
     * @return empty if the claim would have been new and was not admitted; then nothing changed
     */
    public Optional<Claim> claimIf(ClaimRequest request, BooleanSupplier admitted) {
        lock.lock();
        try {
            long now = now();
            Optional<Claim> answer =
                    records.find(request.key(), now).flatMap(record -> answer(record, request.fingerprint(), now));
            if (answer.isPresent()) {
                return answer;
            }
            records.requireRoomFor(request.key());
            if (!admitted.getAsBoolean()) {
                return Optional.empty();
            }
            return Optional.of(new Claim.New(open(request, now)));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Does something while all claims wait. It must not block, and may come back to this guard, to ask for {@link #standing}
     * for example.
     */
    public <T> T withoutClaims(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }

    /** How a key stands for this content; empty if it is free. Changes nothing. */
    public Optional<KeyStanding> standing(IdempotencyKey key, Fingerprint content) {
        lock.lock();
        try {
            long now = now();
            return records.find(key, now).flatMap(record -> standing(record, content, now));
        } finally {
            lock.unlock();
        }
    }

    private static Optional<KeyStanding> standing(ClaimRecord record, Fingerprint content, long now) {
        if (!record.fingerprint().equals(content)) {
            return Optional.of(KeyStanding.MISMATCH);
        }
        return switch (record.state()) {
            case Leased lease when lease.deadline() > now -> Optional.of(KeyStanding.PROCESSING);
            case Leased lease -> lease.keep() > 0 ? Optional.of(KeyStanding.UNKNOWN) : Optional.empty();
            case Ended(Ending ending, long ends) -> Optional.of(ending.standing());
        };
    }

    /** What a record makes of a claim; empty if the claim may open a new one. */
    private Optional<Claim> answer(ClaimRecord record, Fingerprint fingerprint, long now) {
        if (!record.fingerprint().equals(fingerprint)) {
            return Optional.of(new Claim.Mismatch());
        }
        return switch (record.state()) {
            case Leased lease
            when lease.deadline() > now -> Optional.of(new Claim.Processing(Spans.ofMicros(lease.deadline() - now)));
            case Leased lease
            when lease.keep() > 0 -> {
                var unknown = Ending.unknown(lease.keep());
                records.put(record.as(new Ended(unknown, now + unknown.keepMicros())));
                yield Optional.of(unknown.answer());
            }
            case Leased takenOver -> Optional.empty();
            case Ended(Ending ending, long ends) -> {
                if (ending.kind() == Ending.Kind.HAND_OVER) {
                    records.remove(record);
                }
                yield Optional.of(ending.answer());
            }
        };
    }

    /** Notes a claim that was made elsewhere, under its fence and in place of whatever is known of its key here. */
    public void adopt(ClaimRequest request, Fence fence) {
        lock.lock();
        try {
            long now = now();
            records.find(request.key(), now).ifPresent(this::drop);
            records.requireRoomFor(request.key());
            open(request, fence, now);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes the record of a claim, however it ended: somebody else keeps it.
     *
     * @return false if there was none
     */
    public boolean forget(Fence fence) {
        lock.lock();
        try {
            Optional<ClaimRecord> held = held(fence, now());
            held.ifPresent(this::drop);
            return held.isPresent();
        } finally {
            lock.unlock();
        }
    }

    private void drop(ClaimRecord record) {
        records.remove(record);
        if (record.state() instanceof Leased lease) {
            lease.end().complete(null);
        }
    }

    private Fence open(ClaimRequest request, long now) {
        lastFence = Math.max(now, lastFence + 1);
        return open(request, new Fence(request.key(), lastFence), now);
    }

    private Fence open(ClaimRequest request, Fence fence, long now) {
        long deadline = now + Spans.micros(request.lease());
        var lease = new Leased(deadline, Spans.keepMicros(request.abandoned()), new CompletableFuture<>());
        records.put(new ClaimRecord(fence, request.fingerprint(), OptionalLong.of(request.holder()), lease));
        return fence;
    }

    @Override
    public boolean settle(Fence fence, Settlement settlement) {
        var ending = Ending.of(settlement);
        lock.lock();
        try {
            long now = now();
            Optional<ClaimRecord> held = held(fence, now);
            if (held.isEmpty()) {
                return false;
            }
            ClaimRecord record = held.get();
            return switch (record.state()) {
                case Ended(Ending earlier, long ends)
                when ending.revokes(earlier) -> {
                    records.remove(record);
                    yield true;
                }
                case Ended(Ending earlier, long ends) -> ending.repeats(earlier);
                case Leased lease -> {
                    if (ending.kind() == Ending.Kind.RELEASED) {
                        records.remove(record);
                    } else {
                        records.put(record.settled(new Ended(ending, now + ending.keepMicros())));
                    }
                    lease.end().complete(null);
                    yield true;
                }
            };
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean heartbeat(Fence fence, Duration newLease) {
        Spans.requireLease(newLease);
        lock.lock();
        try {
            long now = now();
            Optional<ClaimRecord> held = held(fence, now);
            if (held.isEmpty() || !(held.get().state() instanceof Leased lease)) {
                return false;
            }
            long deadline = now + Spans.micros(newLease);
            records.put(held.get().as(new Leased(deadline, lease.keep(), lease.end())));
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean withdraw(ClaimRequest request) {
        lock.lock();
        try {
            Optional<ClaimRecord> held = records.find(request.key(), now())
                    .filter(record -> record.holder().equals(OptionalLong.of(request.holder())));
            held.ifPresent(this::drop);
            return held.isPresent();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Claim> look(IdempotencyKey key) {
        lock.lock();
        try {
            long now = now();
            return records.find(key, now).flatMap(record -> look(record, now));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Claim> look(Fence fence) {
        lock.lock();
        try {
            long now = now();
            return held(fence, now).flatMap(record -> look(record, now));
        } finally {
            lock.unlock();
        }
    }

    private static Optional<Claim> look(ClaimRecord record, long now) {
        return switch (record.state()) {
            case Leased lease
            when lease.deadline() > now -> Optional.of(new Claim.Processing(Spans.ofMicros(lease.deadline() - now)));
            case Leased lease -> lease.keep() > 0 ? Optional.of(new Claim.Unknown()) : Optional.empty();
            case Ended(Ending ending, long ends) -> Optional.of(ending.answer());
        };
    }

    private Optional<ClaimRecord> held(Fence fence, long now) {
        return records.find(fence.key(), now).filter(record -> record.fence().equals(fence));
    }

    @Override
    public boolean awaitEnd(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException {
        long patience = TimeUnit.NANOSECONDS.convert(max);
        long start = System.nanoTime();
        while (true) {
            Optional<Leased> inProgress = inProgress(key);
            if (inProgress.isEmpty()) {
                return true;
            }
            long left = patience - (System.nanoTime() - start);
            if (left <= 0) {
                return false;
            }
            long lease = TimeUnit.MICROSECONDS.toNanos(inProgress.get().deadline() - microClock.getAsLong());
            try {
                CompletableFuture<Void> end = inProgress.get().end();
                CompletableFuture.anyOf(end, unless)
                        .get(Math.min(left, Math.max(lease, SHORTEST_WAIT_NANOS)), TimeUnit.NANOSECONDS);
                return end.isDone();
            } catch (TimeoutException e) {
                // Out of patience, or the lease's end has come or moved: look again.
            } catch (ExecutionException e) {
                throw new IllegalStateException("the end of a claim is never a failure", e);
            }
        }
    }

    private Optional<Leased> inProgress(IdempotencyKey key) {
        lock.lock();
        try {
            long now = now();
            return records.find(key, now)
                    .filter(record -> record.state() instanceof Leased lease && lease.deadline() > now)
                    .map(record -> (Leased) record.state());
        } finally {
            lock.unlock();
        }
    }

    /** How many records were forgotten before their end because a bound was reached. */
    public long evicted() {
        lock.lock();
        try {
            return records.evicted();
        } finally {
            lock.unlock();
        }
    }

    /** How many records are kept; what is past its end counts until one of the next steps meets it. */
    public int size() {
        lock.lock();
        try {
            return records.size();
        } finally {
            lock.unlock();
        }
    }

    /** The time, once what has become due by it is dealt with. */
    private long now() {
        long now = microClock.getAsLong();
        records.moveOn(now);
        return now;
    }
}
