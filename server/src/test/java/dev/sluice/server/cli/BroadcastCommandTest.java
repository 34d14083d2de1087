package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Broadcasts from the command line: against a running server. */
class BroadcastCommandTest {
    private static final String TOKEN = "123456789:AAE-any-token-of-this-form-will-do_";

    @TempDir
    private Path directory;

    @Test
    void one_is_started_from_a_file_followed_to_its_end_listed_and_its_results_shown() throws Exception {
        try (var telegram = Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
                var server = SluiceServer.start(settings(telegram.url()), "1.2.3")) {
            var url = server.adminUrl().toString();
            Files.writeString(directory.resolve("token"), TOKEN);
            Files.writeString(directory.resolve("to"), "1\n2\n{\"chat_id\":3,\"text\":\"Hi Ann\"}\n");
            assertThat(run(url, "token", "bots", "add").code()).isZero();

            var started = Program.process(
                    directory,
                    Map.of("SLUICE_URL", url),
                    Files.readString(directory.resolve("to")),
                    "broadcast",
                    "123456789",
                    "--text",
                    "Hi",
                    "--recipients",
                    "-");

            assertThat(started.code()).as(started.output()).isZero();
            assertThat(started.output()).containsPattern("(?m)^123456789-\\S+ done 100.0 % of 3: 3 sent$");
            assertThat(telegram.ledger().received(123456789, 3).getFirst().text())
                    .isEqualTo("Hi Ann");
            var listed = run(url, "to", "broadcast", "list", "123456789");
            assertThat(listed.output()).containsPattern("(?m)^123456789-\\S+ +done +3 +3 +0 +0 +0 +0 ");
            var id = listed.output().lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];
            assertThat(run(url, "to", "broadcast", "results", id).output()).isEqualTo("1\tsent\n2\tsent\n3\tsent\n");
            assertThat(run(url, "to", "broadcast", "pause", id))
                    .isEqualTo(new Ran(1, "sluice: The broadcast has ended: nothing was changed\n"));
        }
    }

    @Test
    void one_that_telegram_refuses_for_everybody_pauses_itself_and_says_so() throws Exception {
        try (var telegram = Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
                var server = SluiceServer.start(settings(telegram.url()), "1.2.3")) {
            var url = server.adminUrl().toString();
            Files.writeString(directory.resolve("token"), TOKEN);
            Files.writeString(
                    directory.resolve("to"),
                    IntStream.rangeClosed(1, 1_000).mapToObj(Integer::toString).collect(Collectors.joining("\n")));
            run(url, "token", "bots", "add");

            var refused = run(url, "to", "broadcast", "123456789", "--text", "", "--recipients", file("to"));

            assertThat(refused.code()).as(refused.output()).isEqualTo(1);
            assertThat(refused.output())
                    .containsPattern("(?m)paused \\(refused\\) .* of 1000: 0 sent, 1\\d\\d failed; .*dlq");
            var listed = run(url, "to", "broadcast", "list", "123456789").output();
            assertThat(listed).containsPattern("(?m)^123456789-\\S+ +paused \\(refused\\) +1000 +0 +1\\d\\d ");
            var id = listed.lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];
            assertThat(run(url, "to", "broadcast", "cancel", id).output()).contains(" cancelled ");
        }
    }

    @Test
    void what_was_not_done_is_told_and_shows_in_the_exit_code() throws Exception {
        try (var telegram = Simulator.start(SimulatorSettings.defaults());
                var server = SluiceServer.start(settings(telegram.url()), "1.2.3")) {
            var url = server.adminUrl().toString();
            Files.writeString(directory.resolve("token"), TOKEN);
            Files.writeString(directory.resolve("wrong"), "1\nAnn\n");
            Files.writeString(directory.resolve("right"), "1\n2\n3\n");
            run(url, "token", "bots", "add");

            var wrong = run(url, "wrong", "broadcast", "123456789", "--text", "Hi", "--recipients", file("wrong"));
            assertThat(wrong.code()).as("found by the server").isEqualTo(2);
            assertThat(wrong.output()).contains("line 3 must be a chat's id").doesNotContain("Ann");
            assertThat(run(url, "wrong", "broadcast", "123456789", "--text", "Hi")
                            .code())
                    .isEqualTo(2);
            assertThat(run(url, "wrong", "broadcast", "123456789", "--params", "[", "--recipients", file("right"))
                            .code())
                    .isEqualTo(2);
            assertThat(run(url, "wrong", "broadcast", "123456789", "--text", "Hi", "--recipients", file("absent"))
                            .output())
                    .contains("there is no file " + file("absent"));

            run(url, "wrong", "queue", "pause", "123456789");
            var json = run(
                    url,
                    "wrong",
                    "broadcast",
                    "123456789",
                    "--text",
                    "Hi",
                    "--recipients",
                    file("right"),
                    "--detach",
                    "--json");
            var id = JsonMapper.shared().readTree(json.output()).path("id").asString();
            assertThat(run(url, "wrong", "broadcast", "pause", id).output()).contains(" paused ");
            assertThat(run(url, "wrong", "broadcast", "resume", id).output()).contains(" running ");
            assertThat(run(url, "wrong", "broadcast", "cancel", id).output()).contains(" cancelled ");
            assertThat(run(url, "wrong", "broadcast", "watch", id).code()).isEqualTo(1);
        }
    }

    private ServerSettings settings(URI telegram) {
        var environment = Map.of(
                "SLUICE_PORT",
                "0",
                "TELEGRAM_API_URL",
                telegram.toString(),
                "RATE_LIMIT_GLOBAL_CAPACITY",
                "50",
                "RATE_LIMIT_GLOBAL_REFILL_RATE",
                "50");
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load();
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    /** @param input the file that is its standard input */
    private Ran run(String url, String input, String... arguments) throws IOException {
        return Program.here(Map.of("SLUICE_URL", url), Files.readString(directory.resolve(input)), arguments);
    }
}
