package dev.sluice.server.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedProcessTest {
    @TempDir
    private Path folder;

    @Test
    void a_child_dies_with_a_parent_that_was_killed() throws IOException {
        // A shell stands for our process: it holds the pipe's other end, and is killed without a chance to do anything.
        var script = new String(
                WatchedProcess.class.getResourceAsStream("watchdog.sh").readAllBytes(), UTF_8);
        var file = Files.writeString(folder.resolve("watchdog.sh"), script);
        var pid = folder.resolve("pid");
        var parent = new ProcessBuilder(
                        "/bin/bash",
                        "-c",
                        "exec 9> >(exec /bin/sh '" + file + "' /bin/sh -c 'echo $$ > " + pid
                                + "; exec sleep 300'); exec sleep 300 ")
                .start();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Files.exists(pid) && !Files.readString(pid).isBlank());
        var child =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        assertThat(child.isAlive()).isTrue();

        parent.destroyForcibly();

        await().atMost(Duration.ofSeconds(15)).until(() -> !child.isAlive());
    }

    @Test
    void closing_ends_a_child_and_waits_for_it() throws IOException {
        var process = WatchedProcess.start(List.of("/bin/sleep", "300"), folder.resolve("log"));
        var child = await().atMost(Duration.ofSeconds(10))
                .until(() -> sleeping(process), found -> found.size() == 1)
                .getFirst();

        process.close();

        assertThat(process.isAlive()).isFalse();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void the_end_of_a_child_is_noticed_and_told() throws Exception {
        var process = WatchedProcess.start(List.of("/bin/sh", "-c", "echo gone; exit 3"), folder.resolve("log"));
        var told = new CountDownLatch(1);
        process.onEnd(told::countDown);

        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.hasEndedWithin(Duration.ofSeconds(10))).isTrue();
        assertThat(Files.readString(folder.resolve("log"))).contains("gone");
    }

    private static List<ProcessHandle> sleeping(WatchedProcess process) {
        return process.descendants()
                .filter(handle -> handle.info().command().orElse("").contains("sleep"))
                .toList();
    }
}
