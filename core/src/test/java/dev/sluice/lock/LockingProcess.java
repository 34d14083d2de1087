package dev.sluice.lock;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.redis.ChildJvm;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisStore;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of its own that takes locks on the Redis of its first argument, and the test's end of it. */
final class LockingProcess implements AutoCloseable {
    static final LockRequest REQUEST = LockRequest.of("shared resource").withLease(Lease.SHORTEST);
    static final String RESOURCE = "the resource";

    /** The resource's own books: a list of what its users did, in the order in which it saw them; it refuses a fence less than the last. */
    static final String BOOKS = "books";

    private static final String WRITE = """
            if tonumber(ARGV[1]) >= tonumber(redis.call('GET', KEYS[2]) or '0') then
              redis.call('SET', KEYS[2], ARGV[1])
              redis.call('RPUSH', KEYS[1], ARGV[2] .. ' ' .. ARGV[1])
            end
            """;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Long enough to be killed meanwhile. */
    private static final Duration INSIDE = Duration.ofMillis(2);

    private static final Duration KEPT = Duration.ofMinutes(10);

    private final Process process;
    private final BufferedReader said;

    private LockingProcess(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /** @param what {@code cycles}: takes and releases until killed; {@code hold}: holds until told to write */
    static LockingProcess start(String uri, String what) throws IOException {
        return new LockingProcess(ChildJvm.start(LockingProcess.class, uri, what));
    }

    long pid() {
        return process.pid();
    }

    /** The next line that it says and that begins so. */
    String hears(String beginning) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
        }
        throw new IllegalStateException("the process ended without saying " + beginning);
    }

    void tell(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    void signal(String signal) throws Exception {
        Process sent = new ProcessBuilder("kill", signal, Long.toString(pid())).start();
        if (!sent.waitFor(10, TimeUnit.SECONDS) || sent.exitValue() != 0) {
            throw new IllegalStateException("kill " + signal + " failed");
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** With SIGKILL, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a process survived SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        RedisStore store = RedisLocksTest.connect(args[0]);
        var leases = Leases.onRedis(store, store, KeySpace.DEFAULT, store, LockEvents.NONE);
        var locks = new Locks(leases, new SecureRandom());
        System.out.println("ready");
        switch (args[1]) {
            case "cycles" -> cycles(args[0], locks);
            case "lead" -> lead(locks);
            default -> hold(locks, Fences.onRedis(store, KeySpace.DEFAULT));
        }
    }

    private static void cycles(String uri, Locks locks) throws Exception {
        RedisCommands<String, String> books = RedisClient.create(uri).connect().sync();
        long self = ProcessHandle.current().pid();
        while (true) {
            if (locks.acquire(REQUEST, PATIENCE) instanceof LockAnswer.Acquired(HeldLock lock)) {
                try (lock) {
                    write(books, "in " + self, lock.fence());
                    LockSupport.parkNanos(INSIDE.toNanos());
                    write(books, "out " + self, lock.fence());
                }
            }
        }
    }

    private static void write(RedisCommands<String, String> books, String what, long fence) {
        String[] keys = {BOOKS, BOOKS + ":fence"};
        books.eval(WRITE, ScriptOutputType.STATUS, keys, Long.toString(fence), what);
    }

    private static void lead(Locks locks) throws Exception {
        LeaderElection.start(
                locks,
                REQUEST,
                lock -> System.out.println("leads " + lock.fence()),
                () -> System.out.println("deposed"));
        Thread.sleep(PATIENCE);
    }

    private static void hold(Locks locks, Fences fences) throws Exception {
        var lost = new CountDownLatch(1);
        if (locks.acquire(REQUEST.onLost(lost::countDown), PATIENCE) instanceof LockAnswer.Acquired(HeldLock lock)) {
            System.out.println("holds " + lock.fence());
            try (var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
                while (in.readLine() != null) {
                    boolean written = fences.write(RESOURCE, lock.fence(), "its own".getBytes(UTF_8), KEPT);
                    System.out.println("wrote " + written);
                    lost.await();
                    System.out.println("lost " + List.of(lock.isHeld(), lock.release()));
                }
            }
        }
    }
}
