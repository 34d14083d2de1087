package dev.sluice.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Runs scripts by a clock that the test sets. Thread-safe.
 *
 * <p>Only the preamble that reads the server's clock is replaced, by one that takes the time off the end of ARGV; the
 * rest of the script is what production runs. TTLs still count by the server's own clock: a test that lets hours pass
 * here sees no key expire.
 */
public final class TestClockRunner implements ScriptRunner {
    private static final String TIME_FROM_ARGV = "local now = tonumber(table.remove(ARGV))\n";
    private static final String KEEPS_ALL = """
            local redis = (function(server)
              return { call = function(command, ...)
                if command ~= 'PSETEX' then return server.call(command, ...) end
                local key, _, value = ...
                return server.call('SET', key, value)
              end }
            end)(redis)
            """;
    private static final long START_MICROS = 1_000_000_000_000L;

    private final ScriptRunner runner;
    private final AtomicLong nowMicros = new AtomicLong(START_MICROS);
    private final ConcurrentMap<Script, Script> underTestClock = new ConcurrentHashMap<>();

    private final String preamble;

    public TestClockRunner(ScriptRunner runner) {
        this(runner, TIME_FROM_ARGV);
    }

    private TestClockRunner(ScriptRunner runner, String preamble) {
        this.runner = runner;
        this.preamble = preamble;
    }

    /** The same, but what a script sets with a TTL stays: for tests that a slow machine must not cost a key. */
    public TestClockRunner withoutExpiry() {
        return new TestClockRunner(runner, TIME_FROM_ARGV + KEEPS_ALL);
    }

    /** The same by another clock, which it asks before each script. */
    public ScriptRunner by(LongSupplier microClock) {
        return (script, keys, args) -> runner.run(underTestClock(script), keys, withTime(args, microClock.getAsLong()));
    }

    public long nowMicros() {
        return nowMicros.get();
    }

    public void setNow(long micros) {
        nowMicros.set(micros);
    }

    public void advance(Duration by) {
        nowMicros.addAndGet(by.toNanos() / 1_000);
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
        return runner.run(underTestClock(script), keys, withTime(args, nowMicros.get()));
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args, Duration timeout) {
        return runner.run(underTestClock(script), keys, withTime(args, nowMicros.get()), timeout);
    }

    private Script underTestClock(Script script) {
        return underTestClock.computeIfAbsent(script, production -> production.withTime(preamble));
    }

    private static List<byte[]> withTime(List<byte[]> args, long micros) {
        var argsAndTime = new ArrayList<>(args);
        argsAndTime.add(Long.toString(micros).getBytes(StandardCharsets.US_ASCII));
        return argsAndTime;
    }
}
