package dev.sluice.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A Redis of its own that can be frozen, killed and started again on its port. Not thread-safe. */
final class FaultyRedis implements AutoCloseable {
    private final int port;
    private final Path folder;
    private Process process;

    FaultyRedis() throws IOException {
        port = BenchmarkRedis.freePort();
        folder = Files.createTempDirectory("sluice-benchmark-redis-");
        process = launch();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    void freeze() {
        signal("-STOP");
    }

    void thaw() {
        signal("-CONT");
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("Redis survived SIGKILL for 10 s");
        }
    }

    void restart() {
        process = launch();
    }

    private Process launch() {
        try {
            return new ProcessBuilder(
                            BenchmarkRedis.executable().toString(),
                            "--bind",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--save",
                            "",
                            "--dir",
                            folder.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String signal) {
        try {
            Process sent = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
            if (!sent.waitFor(10, TimeUnit.SECONDS) || sent.exitValue() != 0) {
                throw new IllegalStateException("kill " + signal + " " + process.pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling Redis", e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        kill();
        Files.deleteIfExists(folder);
    }
}
