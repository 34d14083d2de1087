package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.SettingsLoader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The keys of a Redis from the command line, through a running server. */
@Timeout(120)
class KeysCommandTest {
    @TempDir
    private Path directory;

    private SluiceServer server(Map<String, String> settings) {
        var environment = new HashMap<>(settings);
        environment.put("SLUICE_PORT", "0");
        environment.put("REDIS_TIMEOUT", "5");
        return SluiceServer.start(
                new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load(),
                "1.2.3");
    }

    private static Ran run(SluiceServer server, String... arguments) {
        return Program.here(
                Map.of("SLUICE_URL", server.adminUrl().toString()),
                "",
                Stream.concat(Stream.of("keys"), Stream.of(arguments)).toArray(String[]::new));
    }

    private static void put(RedisProcess redis, String command, String reply) {
        assertThat(redis.tell(command)).isEqualTo(reply);
    }

    @Test
    void all_families_are_shown_with_how_many_keys_there_are_and_when_they_end() {
        try (var redis = RedisFixture.start();
                var server = server(Map.of("REDIS_URL", redis.uri()))) {
            put(redis, "SET sluice:budget:{7}:messages x PX 90000", "+OK");
            put(redis, "SET sluice:budget:{8}:messages x PX 5400000", "+OK");

            Ran ran = run(server);

            assertThat(ran.code()).as(ran.output()).isZero();
            assertThat(ran.output())
                    .startsWith("FAMILY ")
                    .containsPattern(
                            "(?m)^budget:\\{<user>}:<budget> +string +ids +2 +0 +(90|8[0-9])s-(90m|5[0-9]{3}s) +[0-9]{3} +its window's end$")
                    .containsPattern("(?m)^msg_queue:\\{<bot>}:state +hash +ids +0 +0 +- +0 +the workers");
        }
    }

    @Test
    void a_key_without_ttl_and_one_of_no_family_are_found_and_nobody_is_named() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(Map.of("REDIS_URL", redis.uri()))) {
            put(redis, "SET sluice:budget:{7}:messages x", "+OK");
            Ran without = run(server);
            assertThat(without.code()).isEqualTo(1);
            assertThat(without.output())
                    .containsPattern("(?m)^budget:\\{<user>}:<budget> .* its window's end +without-ttl$")
                    .contains("1 families have keys that nobody will remove");
            put(redis, "DEL sluice:budget:{7}:messages", ":1");
            assertThat(run(server).code()).isZero();

            put(redis, "SET sluice:budget:{@ann}:messages x PX 90000", "+OK");
            put(redis, "SET sluice:anns:{ann}:lee x PX 90000", "+OK");
            Ran unknown = run(server, "--json");
            assertThat(unknown.code()).isEqualTo(1);
            assertThat(unknown.output()).doesNotContain("@ann", "lee");
            JsonNode json = JsonMapper.shared()
                    .readTree(unknown.output().lines().findFirst().orElseThrow());
            assertThat(json.path("families")
                            .valueStream()
                            .filter(family -> !family.path("faults").isEmpty())
                            .map(family -> family.path("family").asString() + " " + family.path("faults")))
                    .containsExactly("anns:{?}:? [\"unknown\"]", "budget:{?}:? [\"unknown\"]");
        }
    }

    @Test
    void more_than_a_page_is_added_up() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(Map.of("REDIS_URL", redis.uri()))) {
            for (int from = 0; from < 12_000; from += 1_000) {
                var command = new StringBuilder("MSET");
                for (int user = from; user < from + 1_000; user++) {
                    command.append(" sluice:budget:{").append(user).append("}:messages x");
                }
                put(redis, command.toString(), "+OK");
            }

            JsonNode json = JsonMapper.shared()
                    .readTree(run(server, "--json").output().lines().findFirst().orElseThrow());

            var budgets = json.path("families")
                    .valueStream()
                    .filter(family -> family.path("family").asString().startsWith("budget:"))
                    .toList();
            assertThat(budgets).hasSize(1);
            assertThat(budgets.getFirst().path("keys").asLong()).isEqualTo(12_000);
            assertThat(budgets.getFirst().path("without_ttl").asLong()).isEqualTo(12_000);
            assertThat(budgets.getFirst().path("faults").size()).isEqualTo(1);
        }
    }

    @Test
    void a_redis_of_the_caches_own_is_shown_beside_the_other() {
        try (var redis = RedisFixture.start();
                var caches = RedisFixture.start();
                var server = server(Map.of("REDIS_URL", redis.uri(), "REDIS_CACHE_URL", caches.uri()))) {
            put(caches, "SET sluice:cache:{7}:user x", "+OK");

            Ran ran = run(server);

            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.output())
                    .startsWith("STORE ")
                    .containsPattern("(?m)^redis +cache:\\{<key>}:<cache> +string +sealed\\? +0 .*grace$")
                    .containsPattern("(?m)^cache +cache:\\{<key>}:<cache> +string +sealed\\? +1 +1 .*without-ttl$");
        }
    }

    @Test
    void while_redis_is_away_nothing_is_shown() {
        try (var redis = RedisFixture.start();
                var server = server(Map.of("REDIS_URL", redis.uri()))) {
            redis.kill();

            Ran ran = run(server);

            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.output())
                    .startsWith("sluice: The store does not answer")
                    .doesNotContain("FAMILY");
        }
    }

    @Test
    void in_memory_there_are_none_and_a_server_that_is_away_is_no_survey() {
        try (var server = server(Map.of())) {
            assertThat(run(server)).isEqualTo(new Ran(0, "The server keeps all in memory: there are no keys.\n"));
            assertThat(run(server, "--json").output())
                    .isEqualTo("{\"backend\":\"memory\",\"families\":[],\"moving\":0}\n");
        }
        assertThat(Program.here(Map.of("SLUICE_URL", "http://127.0.0.1:1"), "", "keys")
                        .code())
                .isEqualTo(1);
    }
}
