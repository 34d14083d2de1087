package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.server.settings.SettingsLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The compose file and the make targets that use it, as far as can be seen without a container engine. */
class ContainersTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern FILLED_IN = Pattern.compile("\\$\\{\\w+:([-?])(.*)}");

    @TempDir
    private Path directory;

    @Test
    void the_compose_file_has_the_server_and_a_redis_that_keeps_what_it_is_told() throws Exception {
        Map<?, ?> services = services();

        assertThat(services.keySet()).map(Object::toString).containsExactlyInAnyOrder("app", "redis");
        assertThat(Files.exists(ROOT.resolve(
                        (String) part(part(services, "app"), "build").get("dockerfile"))))
                .isTrue();
        assertThat((List<?>) part(services, "redis").get("command"))
                .map(Object::toString)
                .contains("--appendonly", "yes", "noeviction");
        assertThat((List<?>) part(services, "app").get("ports"))
                .map(Object::toString)
                .containsExactly("127.0.0.1:8000:8000");
    }

    @Test
    void the_compose_files_settings_are_ones_with_which_the_server_starts() throws Exception {
        var environment = new HashMap<String, String>();
        part(part(services(), "app"), "environment").forEach((name, value) -> {
            var filledIn = FILLED_IN.matcher(value.toString());
            environment.put(
                    name.toString(),
                    !filledIn.matches()
                            ? value.toString()
                            : name.equals("SLUICE_ADMIN_TOKEN") ? "what-somebody-made-up" : filledIn.group(2));
        });

        var settings = new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load();
        assertThat(settings.store().redisUrl()).contains("redis://redis:6379");
        assertThat(settings.budget().limit()).isEqualTo(30);
        assertThat(settings.http().host()).isEqualTo("0.0.0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "podman"})
    void the_make_target_asks_in_the_container_by_the_engine_that_is_there(String engine) throws Exception {
        var make = Stream.of("/usr/bin/make", "/bin/make")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(make.isPresent(), "no make on this machine");
        var folder = Files.createDirectory(directory.resolve("bin"));
        var called = directory.resolve("called");
        executable(folder.resolve(engine), "#!/bin/sh\necho \"" + engine + " $*\" >" + called + "\n");

        var builder = new ProcessBuilder(make.get().toString(), "budget-status-container")
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().put("PATH", folder.toString());
        builder.environment().keySet().removeAll(Set.of("COMPOSE", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"));
        Process process = builder.start();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(directory.resolve("output"), UTF_8))
                .isZero();
        assertThat(called).hasContent(engine + " compose exec -T app sluice budget status\n");
    }

    private static void executable(Path file, String text) throws Exception {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Map<?, ?> services() throws Exception {
        try (var in = Files.newInputStream(ROOT.resolve("compose.yaml"))) {
            return part((Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in), "services");
        }
    }

    private static Map<?, ?> part(Map<?, ?> whole, String name) {
        return (Map<?, ?>) Objects.requireNonNull(whole.get(name), name);
    }
}
