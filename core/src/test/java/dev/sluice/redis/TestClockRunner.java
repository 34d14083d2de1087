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
    private static final String AN_HOUR_MORE = """
            local redis = (function(server)
              local function later(run)
                return function(command, ...)
                  local words = { ... }
                  for i = 1, #words do
                    local before = i == 2 and (command == 'PEXPIRE' or command == 'PSETEX')
                    if before or i > 3 and command == 'SET' and words[i - 1] == 'PX' then
                      words[i] = string.format('%.0f', words[i] + 3600000)
                    end
                  end
                  return run(command, unpack(words))
                end
              end
              return setmetatable({ call = later(server.call), pcall = later(server.pcall) }, { __index = server })
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

    /**
     * The same, but every TTL is an hour longer: for tests that a slow machine must not cost a key. A TTL of a millisecond is over between two
     * commands, although no time passes here.
     */
    public TestClockRunner withLongerTtls() {
        return new TestClockRunner(runner, TIME_FROM_ARGV + AN_HOUR_MORE);
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
