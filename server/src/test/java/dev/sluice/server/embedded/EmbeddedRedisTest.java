package dev.sluice.server.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.settings.StoreSettings.AppendFsync;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisTest {
    /** One for all tests, so that Redis is unpacked once; each test has its own folder below it. */
    @TempDir
    private static Path shared;

    @Test
    void a_later_start_finds_the_data_of_the_former_one() {
        var data = folder("kept");
        try (var redis = EmbeddedRedis.start(data, AppendFsync.ALWAYS)) {
            assertThat(ask(redis.url(), "SET answer 42")).isEqualTo("+OK");
        }
        try (var redis = EmbeddedRedis.start(data, AppendFsync.EVERYSEC)) {
            assertThat(ask(redis.url(), "GET answer")).isEqualTo("$2 42");
            assertThat(ask(redis.url(), "CONFIG GET appendfsync")).endsWith("everysec");
        }
    }

    @Test
    void nobody_gets_in_without_the_password_or_from_another_address() throws IOException {
        try (var redis = EmbeddedRedis.start(folder("closed"), AppendFsync.EVERYSEC)) {
            var wrongPassword = redis.url().replaceFirst(":[^@/]*@", ":guessed@");

            assertThat(ask(wrongPassword, "PING")).startsWith("-NOAUTH");
            assertThat(ask(redis.url(), "CONFIG GET bind")).endsWith("127.0.0.1");
            assertThat(Files.getPosixFilePermissions(redis.folder().resolve("redis.conf")))
                    .hasSize(2);
            assertThat(Files.getPosixFilePermissions(redis.folder())).hasSize(3);
        }
    }

    @Test
    void closing_leaves_no_process_behind() throws IOException {
        var redis = EmbeddedRedis.start(folder("closing"), AppendFsync.EVERYSEC);
        var process = process(redis);
        assertThat(process.isAlive()).isTrue();

        redis.close();

        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void a_redis_that_dies_is_started_again_in_the_same_place() throws IOException {
        try (var redis = EmbeddedRedis.start(folder("revived"), AppendFsync.ALWAYS)) {
            assertThat(ask(redis.url(), "SET answer 42")).isEqualTo("+OK");
            var first = process(redis);
            first.destroyForcibly();

            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> ask(redis.url(), "GET answer").equals("$2 42"));
            assertThat(process(redis).pid()).isNotEqualTo(first.pid());
        }
    }

    @Test
    void two_at_once_in_one_folder_are_refused() {
        var data = folder("shared");
        try (var first = EmbeddedRedis.start(data, AppendFsync.EVERYSEC)) {
            assertThatThrownBy(() -> EmbeddedRedis.start(data, AppendFsync.EVERYSEC))
                    .isInstanceOf(EmbeddedServerException.class)
                    .hasMessageContaining("another Sluice keeps its data in " + first.folder())
                    .hasMessageContaining("SLUICE_DATA_DIR");
        }
    }

    @Test
    void data_of_a_newer_redis_is_refused_rather_than_not_found() throws IOException {
        var data = folder("newer");
        Files.createDirectories(data.resolve("redis"));
        Files.writeString(data.resolve("redis").resolve("version"), "99.1.0");

        assertThatThrownBy(() -> EmbeddedRedis.start(data, AppendFsync.EVERYSEC))
                .isInstanceOf(EmbeddedServerException.class)
                .hasMessageContaining("is of Redis 99.1.0");
    }

    @Test
    void an_orphan_of_a_former_run_is_ended_at_the_next_start() throws IOException {
        var data = folder("orphan");
        var first = EmbeddedRedis.start(data, AppendFsync.EVERYSEC);
        first.close();
        var orphan = new ProcessBuilder(
                        RedisBinary.bundled(data.resolve("bin")).executable().toString(), "--port", "0", "--save", "")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Files.writeString(first.folder().resolve("redis.pid"), Long.toString(orphan.pid()));
            try (var second = EmbeddedRedis.start(data, AppendFsync.EVERYSEC)) {
                assertThat(orphan.isAlive()).isFalse();
                assertThat(ask(second.url(), "PING")).isEqualTo("+PONG");
            }
        } finally {
            orphan.destroyForcibly();
        }
    }

    @Test
    void a_log_that_cannot_be_loaded_says_why_in_one_line() throws IOException {
        var data = folder("broken");
        Files.createDirectories(data.resolve("redis"));
        Files.writeString(data.resolve("redis").resolve("appendonly.aof"), "this is no log of Redis\n");

        assertThatThrownBy(() -> EmbeddedRedis.start(data, AppendFsync.EVERYSEC))
                .isInstanceOf(EmbeddedServerException.class)
                .hasMessageContaining("ended at once")
                .hasMessageContaining("redis.log")
                .hasMessageNotContaining("\n");
    }

    private static Path folder(String name) {
        // The program is shared through the link, the data are not.
        try {
            var folder = Files.createDirectories(shared.resolve(name));
            Files.createDirectories(shared.resolve("bin"));
            Files.createSymbolicLink(folder.resolve("bin"), shared.resolve("bin"));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProcessHandle process(EmbeddedRedis redis) throws IOException {
        var pid = Files.readString(redis.folder().resolve("redis.pid")).strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    /** Gives the password in the URL, asks one question and returns the lines of its answer. */
    private static String ask(String url, String question) {
        var place = URI.create(url);
        var password = place.getUserInfo().substring(1);
        try (var socket = new Socket(place.getHost(), place.getPort())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write(("AUTH " + password + "\r\n" + question + "\r\nQUIT\r\n").getBytes(US_ASCII));
            var lines = new String(socket.getInputStream().readAllBytes(), US_ASCII)
                    .lines()
                    .toList();
            return String.join(" ", lines.subList(1, lines.size() - 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
