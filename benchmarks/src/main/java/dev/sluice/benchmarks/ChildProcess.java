package dev.sluice.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A process that ends with this one, and what it uses. */
final class ChildProcess {
    private final Process process;
    private final Thread stopOnExit;

    private ChildProcess(Process process) {
        this.process = process;
        this.stopOnExit = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(stopOnExit);
    }

    static ChildProcess start(ProcessBuilder builder) throws IOException {
        return new ChildProcess(builder.start());
    }

    boolean hasEndedWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Processor time that it and its children have used so far. */
    double cpuSeconds() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .mapToDouble(handle -> handle.info()
                                .totalCpuDuration()
                                .map(Duration::toNanos)
                                .orElse(0L)
                                .doubleValue())
                        .sum()
                / 1e9;
    }

    /** What it reads. */
    OutputStream input() {
        return process.getOutputStream();
    }

    /** What it writes, in lines. */
    BufferedReader output() {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    /** Memory that it holds now, in bytes. Linux only. */
    double residentBytes() {
        return status("VmRSS");
    }

    /** The most that it has held so far, in bytes. Linux only. */
    double mostResidentBytes() {
        return status("VmHWM");
    }

    /** Stops it as Ctrl-C would, or by force after a while. */
    void stop(Duration patience) {
        process.destroy();
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(stopOnExit);
    }

    private double status(String field) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the kernel does not say " + field));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
