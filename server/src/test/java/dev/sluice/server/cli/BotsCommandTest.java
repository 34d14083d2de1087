package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The registered bots from the command line: against a running server. */
class BotsCommandTest {
    private static final String ADMIN_TOKEN = "an-admin-token-for-tests";
    private static final String SECRET = ":AAE-any-token-of-this-form-will-do_";

    @TempDir
    private static Path directory;

    private static Simulator telegram;
    private static SluiceServer server;

    @BeforeAll
    static void start() {
        telegram = Simulator.start(SimulatorSettings.defaults());
        var settings = Map.of(
                "SLUICE_PORT",
                "0",
                "SLUICE_ADMIN_TOKEN",
                ADMIN_TOKEN,
                "TELEGRAM_API_URL",
                telegram.url().toString());
        server = SluiceServer.start(
                new SettingsLoader(directory, settings, Map.of(), Optional.empty(), false, Set.of()).load(), "1.2.3");
    }

    @AfterAll
    static void stop() {
        server.close();
        telegram.close();
    }

    @Test
    void a_bot_is_added_listed_changed_and_removed() {
        assertThat(run("101" + SECRET + "\n", "bots", "add", "--dedupe-content", "sendPhoto,sendMessage"))
                .isEqualTo(new Ran(0, "bot 101 (@sim101_bot) added\n"));

        var listed = run("", "bots", "list");
        assertThat(listed.code()).isZero();
        assertThat(listed.output().lines().findFirst().orElseThrow())
                .startsWith("BOT")
                .endsWith("TOKEN");
        assertThat(listed.output())
                .containsPattern("(?m)^101 +@sim101_bot +- +sendmessage,sendphoto +- +\\S+Z +\\S+Z +ok$")
                .doesNotContain("AAE");
        assertThat(run("", "bots", "set", "101", "--skip-limits=true", "--overflow", "queue,sendPhoto=async")
                        .code())
                .isZero();
        assertThat(run("", "bots", "set", "101", "--priorities", "sendPoll+group=low,reply=high")
                        .code())
                .isZero();
        assertThat(run("", "bots", "list").output()).contains("*=queue,sendphoto=async");
        assertThat(run("", "bots", "set", "101", "--priorities", "reply").output())
                .startsWith("sluice: --priorities is CONDITION=PRIORITY");
        assertThat(run("", "bots", "set", "101", "--overflow", "sometimes").output())
                .contains("/rules/overflow/* must be one of wait, queue, async");
        var json =
                JsonMapper.shared().readTree(run("", "bots", "list", "--json").output());
        assertThat(json.valueStream()
                        .filter(bot -> bot.path("id").asInt() == 101)
                        .map(bot -> bot.path("rules").toString()))
                .containsExactly("{\"skip_limits\":true,\"dedupe_content\":[\"sendmessage\",\"sendphoto\"],"
                        + "\"overflow\":{\"*\":\"queue\",\"sendphoto\":\"async\"},"
                        + "\"priorities\":[{\"methods\":[\"sendpoll\"],\"chat\":\"group\",\"priority\":\"low\"},"
                        + "{\"reply\":true,\"priority\":\"high\"}],\"join_texts\":false}");

        assertThat(run("", "bots", "remove", "101")).isEqualTo(new Ran(0, "bot 101 removed\n"));
        assertThat(run("", "bots", "remove", "101").code()).isEqualTo(1);
    }

    @Test
    void as_a_process_it_takes_url_and_token_from_its_variables_and_a_bots_token_from_standard_input()
            throws Exception {
        assertThat(Program.process(directory, environment(Map.of()), "105" + SECRET + "\n", "bots", "add"))
                .isEqualTo(new Ran(0, "bot 105 (@sim105_bot) added\n"));
    }

    @Test
    void a_token_may_come_from_a_variable_that_is_named() {
        var named = environment(Map.of("MY_BOT", "102" + SECRET));
        assertThat(Program.here(named, "", "bots", "add", "--token-env", "MY_BOT")
                        .code())
                .isZero();
        assertThat(run("", "bots", "add", "--token-env", "NOT_SET"))
                .isEqualTo(new Ran(1, "sluice: the environment variable NOT_SET is not set\n"));
    }

    @Test
    void a_token_as_an_argument_is_refused_and_not_repeated() {
        for (String command : List.of("add", "rotate")) {
            var ran = run("", "bots", command, "103" + SECRET);

            assertThat(ran.code()).isEqualTo(2);
            assertThat(ran.output()).contains("a token is no argument").doesNotContain("AAE");
        }
    }

    @Test
    void what_was_not_done_is_one_line_and_exit_code_1() {
        assertThat(run("104:short\n", "bots", "add"))
                .isEqualTo(
                        new Ran(
                                1,
                                "sluice: Telegram does not know this token: it was mistyped or revoked; nothing was changed\n"));
        assertThat(run("104" + SECRET + "\n", "bots", "rotate").output())
                .startsWith("sluice: No such bot is registered");
        assertThat(run("no token\n", "bots", "add").output()).startsWith("sluice: what was given is not a token");
        assertThat(run("", "bots", "add").output()).startsWith("sluice: no token was given");
        assertThat(Program.here(environment(Map.of("SLUICE_TOKEN", "wrong")), "", "bots", "list")
                        .output())
                .startsWith("sluice: " + server.adminUrl() + " asks for a token");
    }

    private static Ran run(String input, String... arguments) {
        return Program.here(environment(Map.of()), input, arguments);
    }

    private static Map<String, String> environment(Map<String, String> more) {
        var all = new HashMap<>(Map.of("SLUICE_URL", server.adminUrl().toString(), "SLUICE_TOKEN", ADMIN_TOKEN));
        all.putAll(more);
        return all;
    }
}
