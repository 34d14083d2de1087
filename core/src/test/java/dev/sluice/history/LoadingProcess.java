package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.redis.ChildJvm;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A process of its own that loads a history into the Redis of its first argument and never gets an answer, and the test's end of it. */
final class LoadingProcess implements AutoCloseable {
    private static final String LOADING = "loading";

    private final Process process;

    private LoadingProcess(Process process) {
        this.process = process;
    }

    static LoadingProcess start(String uri) throws IOException {
        return new LoadingProcess(ChildJvm.start(LoadingProcess.class, uri));
    }

    /** Until it has the lease. */
    void awaitLoading() throws IOException {
        var said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.equals(LOADING)) {
                return;
            }
        }
        throw new IllegalStateException("the process died");
    }

    /** With SIGKILL, and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a process survived SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) {
        var never = new CountDownLatch(1);
        RedisStore store = HistoriesInOutageTest.connect(args[0]);
        Histories histories = Histories.onRedis(store, KeySpace.DEFAULT)
                .settings(HistoriesInOutageTest.SETTINGS)
                .store((key, bounds) -> {
                    System.out.println(LOADING);
                    never.await();
                    return List.of();
                })
                .build();
        while (true) {
            histories.read(HistoriesFixture.ANN);
        }
    }
}
