package dev.sluice.server.settings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.budget.Budget;
import dev.sluice.budget.Whitelist;
import dev.sluice.budget.Window;
import dev.sluice.limit.Limit;
import dev.sluice.telegram.BotId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsLoaderTest {
    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();

    @Test
    void nothing_set_gives_the_documented_defaults() {
        var settings = load();

        assertThat(settings.http()).isEqualTo(new HttpSettings("127.0.0.1", 8000, Optional.empty(), Optional.empty()));
        assertThat(settings.telegram())
                .isEqualTo(new TelegramSettings(
                        URI.create("https://api.telegram.org"),
                        Duration.ofSeconds(2),
                        5,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(20)));
        assertThat(settings.limits())
                .isEqualTo(new LimitSettings(
                        Limit.atMost(1, Duration.ofSeconds(1)),
                        Limit.atMost(20, Duration.ofMillis(60_006)),
                        Limit.atMost(30, Duration.ofSeconds(1)),
                        Optional.empty(),
                        Optional.empty(),
                        Set.of(),
                        true));
        assertThat(settings.store().redisUrl()).isEmpty();
        assertThat(settings.store().redisTimeout()).isEqualTo(Duration.ofMillis(50));
        assertThat(settings.idempotency())
                .isEqualTo(new IdempotencySettings(Duration.ofMinutes(30), Duration.ofSeconds(60)));
        assertThat(settings.notes()).isEmpty();
    }

    @Test
    void the_command_line_beats_the_environment_beats_dot_env_beats_yaml() throws IOException {
        write("sluice.yaml", "SLUICE_HOST: 127.0.0.4\nSLUICE_PORT: 4\nTELEGRAM_TIMEOUT: 4\nIDEMPOTENCY_TTL: 4");
        write(".env", "SLUICE_HOST=127.0.0.3\nSLUICE_PORT=3\nTELEGRAM_TIMEOUT=3");
        environment.putAll(Map.of("SLUICE_HOST", "127.0.0.2", "SLUICE_PORT", "2"));

        var settings = loader().withCommandLine(Map.of("SLUICE_PORT", "1")).load();

        assertThat(settings.http().port()).isEqualTo(1);
        assertThat(settings.http().host()).isEqualTo("127.0.0.2");
        assertThat(settings.telegram().timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.idempotency().ttl()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void an_empty_value_counts_as_not_set() throws IOException {
        write(".env", "SLUICE_PORT=81");
        environment.put("SLUICE_PORT", " ");

        assertThat(load().http().port()).isEqualTo(81);
    }

    @Test
    void yaml_takes_variable_names_nested_keys_and_lists() throws IOException {
        write("sluice.yaml", """
                REDIS_URL: redis://cache:6379
                telegram:
                  timeout: 1m
                  rate_limit_wait: 500ms
                rate_limit:
                  chat: {capacity: 2, refill_rate: 4.0}
                sluice:
                  bots: [11, 22]
                  queue-max: 5
                  inbound: guard
                """);

        var settings = load();

        assertThat(settings.store().redisUrl()).contains("redis://cache:6379");
        assertThat(settings.telegram().timeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.telegram().rateLimitWait()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.limits().chat()).isEqualTo(Limit.atMost(2, Duration.ofMillis(500)));
        assertThat(settings.access().bots()).containsExactlyInAnyOrder(new BotId(11), new BotId(22));
        assertThat(settings.notes()).containsExactly("SLUICE_INBOUND is set but not used by this version");
        assertThat(settings.queue().most()).isEqualTo(5);
    }

    @Test
    void keys_keep_their_order_since_the_first_encrypts() throws IOException {
        var fresh = "zz-the-new-key-of-today";
        var old = "aa-the-old-key-of-before";
        environment.put("SLUICE_SECRET_KEY", fresh + ", " + old);
        assertThat(load().encryption().keys()).containsExactly(fresh, old);
        assertThat(load().toString()).doesNotContain(fresh, old);

        environment.clear();
        write("sluice.yaml", "sluice:\n  secret_key: [" + fresh + ", " + old + "]");
        assertThat(load().encryption().keys()).containsExactly(fresh, old);
    }

    @Test
    void where_bots_can_be_registered_none_need_be_listed() throws IOException {
        environment.putAll(Map.of("SLUICE_HOST", "0.0.0.0", "SLUICE_ADMIN_TOKEN", "sixteen-letters-or-more"));

        assertThat(load().servesEveryBot()).isFalse();
        environment.put("SLUICE_OPEN", "true");
        assertThat(load().servesEveryBot()).isTrue();
        environment.put("SLUICE_BOTS", "1");
        assertThat(load().servesEveryBot()).isFalse();
    }

    @Test
    void dot_env_takes_comments_quotes_and_export() throws IOException {
        write(".env", """
                # a comment
                export SLUICE_PORT=81 # another
                SLUICE_ADMIN_TOKEN="with # and \\" in it"x
                """);
        assertThat(problems()).singleElement().asString().isEqualTo(".env: line 3 has a quote that is not closed");

        write(
                ".env",
                "export SLUICE_PORT=81 # another\nSLUICE_ADMIN_TOKEN='sixteen#letters\"!'\nTELEGRAM_TIMEOUT=\"5\" # s\n");
        var settings = load();
        assertThat(settings.http().port()).isEqualTo(81);
        assertThat(settings.http().adminToken()).contains("sixteen#letters\"!");
        assertThat(settings.telegram().timeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void names_of_others_in_shared_places_are_left_alone() throws IOException {
        write(".env", "BOT_MODE=prod\nTELEGRAM_BOT_TOKEN=1:x");
        environment.putAll(
                Map.of("PATH", "/bin", "REDIS_SERVICE_HOST", "10.0.0.1", "REDIS_PORT", "tcp://10.0.0.1:6379"));

        assertThat(load().notes())
                .containsExactly("REDIS_PORT was set by the platform as a service link and is ignored");
    }

    @Test
    void all_errors_are_reported_together_with_name_value_origin_and_what_is_accepted() throws IOException {
        write(".env", "TELEGRAM_TIMEOUT=soon");
        write("sluice.yaml", "sluice:\n  prot: 80");
        environment.putAll(Map.of("SLUICE_PORT", "99999", "TELEGRAM_MAX_RETRY", "1", "SLUICE_OPEN", "maybe"));

        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "TELEGRAM_MAX_RETRY=1 (environment): unknown name; docs/settings.md lists all; did you mean TELEGRAM_MAX_RETRIES?",
                        "SLUICE_PROT=80 (sluice.yaml): unknown name; docs/settings.md lists all; did you mean SLUICE_PORT?",
                        "SLUICE_PORT=99999 (environment): accepted: a whole number from 0 to 65535",
                        "SLUICE_OPEN=maybe (environment): accepted: true or false",
                        "TELEGRAM_TIMEOUT=soon (.env): accepted: a duration from 100ms to 600s:"
                                + " seconds (1.5) or 500ms, 2s, 5m, 1h, 1d");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SLUICE_HOST=0.0.0.0 | SLUICE_HOST=0.0.0.0 (environment): other machines could send through it",
                "SLUICE_HOST=gateway | SLUICE_HOST=gateway (environment): other machines could send through it",
                "TELEGRAM_RATE_LIMIT_WAIT=601 | accepted: a duration from 0 to 600s",
                "TELEGRAM_BASE_DELAY=2m | TELEGRAM_BASE_DELAY (120s) is longer than TELEGRAM_MAX_DELAY (60s)",
                "TELEGRAM_MAX_DELAY=10ms | TELEGRAM_BASE_DELAY (1s) is longer than TELEGRAM_MAX_DELAY (10ms)",
                "TELEGRAM_API_URL=api.telegram.org | accepted: a URL that starts with https:// or http://",
                "TELEGRAM_API_URL=https:///x | it names no host",
                "TELEGRAM_API_URL=http://host:99999 | its port is not between 1 and 65535",
                "TELEGRAM_API_URL=http://host/?a=b | it must end before any ? or #",
                "REDIS_URL=memcached://host | REDIS_URL=memcached://host (environment): a Redis URL starts with redis://",
                "REDIS_URL=host:6379 | a Redis URL starts with redis://",
                "REDIS_URL=redis://me:pass/w@rd@host:port | REDIS_URL=redis://***@host:port (environment): the port in a Redis URL",
                "REDIS_PORT=6380 | REDIS_PORT=6380 (environment): means nothing without REDIS_HOST",
                "REDIS_TIMEOUT=50 | accepted: a duration from 1ms to 30s",
                "RATE_LIMIT_CHAT_CAPACITY=0 | accepted: a whole number from 1 to 10000",
                "RATE_LIMIT_CHAT_REFILL_RATE=0 | accepted: messages per second from 0.000001 to 10000000, such as 0.5",
                "RATE_LIMIT_GLOBAL_REFILL_RATE=0.000001 | makes a window that is not between 1ms and 31d",
                "RATE_LIMIT_USER_REFILL_RATE=1 | means nothing while RATE_LIMIT_USER_CAPACITY is off",
                "SLUICE_BOTS=12:secret | accepted: bot ids",
                "SLUICE_SECRET_KEY=long-enough-for-one,short | accepted: secrets of at least 16 visible ASCII characters",
                "SLUICE_UPLOAD_MAX=1GB | SLUICE_UPLOAD_MAX is larger than SLUICE_SPOOL_MAX",
                "SLUICE_ON_STORE_FAILURE_KEYED=ignore | accepted: one of local, open, closed",
                "DATABASE_URL=mysql://db | it does not start with postgresql://",
                "SLUICE_CACHE_RAG=memory | accepted: one of redis, local, off",
                "MESSAGE_LIMITS=1 | did you mean MESSAGE_LIMIT?",
                "MESSAGE_LIMIT=-1 | accepted: a whole number from 0 to 1000000000",
                "MESSAGE_LIMIT_TTL=32d | accepted: a duration from 1ms to 31d",
                "MESSAGE_LIMIT_WINDOW=week | accepted: one of first, idle, day",
                "MESSAGE_LIMIT_ZONE=UTC | means nothing while MESSAGE_LIMIT_WINDOW is not day",
                "WHITELISTED_USERS=42,Ann Lee | entry 2 is neither a user's id nor a username",
                "SLUICE_ON_STORE_FAILURE_BUDGETS=on | accepted: one of local, open, closed",
            })
    void what_is_impossible_is_said(String assignment, String message) {
        int equals = assignment.indexOf('=');
        environment.put(assignment.substring(0, equals), assignment.substring(equals + 1));

        assertThat(problems()).singleElement().asString().contains(message);
    }

    @Test
    void a_budget_has_the_sources_values_unless_it_is_set() {
        assertThat(load().budget().budget()).isEqualTo(Budget.of("messages", 30, Duration.ofDays(1)));
        assertThat(load().onStoreFailure().budgets()).isEqualTo(StoreFailureSettings.Policy.OPEN);

        environment.putAll(Map.of(
                "MESSAGE_LIMIT", "5",
                "MESSAGE_LIMIT_TTL", "2h",
                "MESSAGE_LIMIT_WINDOW", "idle",
                "WHITELISTED_USERS", "42, @Ann,bob_7"));
        assertThat(load().budget().budget())
                .isEqualTo(new Budget(
                        "messages",
                        5,
                        new Window.Idle(Duration.ofHours(2)),
                        new Whitelist(Set.of(42L), Set.of("ann", "bob_7"))));

        environment.remove("MESSAGE_LIMIT_TTL");
        environment.putAll(Map.of("MESSAGE_LIMIT_WINDOW", "DAY", "MESSAGE_LIMIT_ZONE", "Europe/Berlin"));
        assertThat(load().budget().window()).isEqualTo(new Window.CalendarDay(ZoneId.of("Europe/Berlin")));
    }

    @Test
    void a_day_has_a_zone_and_no_length_and_whose_names_are_listed_is_not_shown() {
        environment.putAll(Map.of(
                "MESSAGE_LIMIT_WINDOW", "day",
                "MESSAGE_LIMIT_TTL", "3600",
                "MESSAGE_LIMIT_ZONE", "Mars/Olympus",
                "WHITELISTED_USERS", "ann,b b"));

        assertThat(problems())
                .hasSize(3)
                .anyMatch(
                        problem -> problem.toString()
                                .contains(
                                        "MESSAGE_LIMIT_TTL=3600 (environment): means nothing while MESSAGE_LIMIT_WINDOW is day"))
                .anyMatch(problem ->
                        problem.toString().contains("accepted: a time zone such as UTC, Europe/Berlin or +03:00"))
                .noneMatch(problem -> problem.toString().contains("ann"));
    }

    @ParameterizedTest
    @CsvSource({"SLUICE_TALKBUF_QUIET, 6", "SLUICE_TALKBUF_LONGEST, 500ms"})
    void a_quiet_window_that_never_ends_before_its_bundle_is_refused(String name, String value) {
        environment.put(name, value);
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith(name + "=" + value + " (environment): SLUICE_TALKBUF_QUIET is longer than");

        environment.putAll(Map.of("SLUICE_TALKBUF_QUIET", "5s", "SLUICE_TALKBUF_LONGEST", "5"));
        assertThat(load().bundling().rules().longest()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void a_reachable_host_is_fine_with_bots_or_when_open() {
        environment.putAll(Map.of("SLUICE_HOST", "0.0.0.0", "SLUICE_BOTS", "1, 2"));
        assertThat(load().access().bots()).hasSize(2);

        environment.putAll(Map.of("SLUICE_BOTS", "", "SLUICE_OPEN", "true"));
        assertThat(load().access().open()).isTrue();
    }

    @Test
    void redis_by_host_and_port_becomes_a_url_and_two_redises_are_one_too_many() {
        environment.putAll(Map.of("REDIS_HOST", "::1", "REDIS_PORT", "7000"));
        assertThat(load().store().redisUrl()).contains("redis://[::1]:7000");

        environment.put("REDIS_URL", "redis://other");
        assertThat(problems()).singleElement().asString().contains("REDIS_URL is set as well");
    }

    @Test
    void embedded_and_a_redis_by_url_exclude_each_other() {
        environment.put("REDIS_URL", "redis://other");
        var problem = catchThrowableOfType(
                InvalidSettingsException.class,
                () -> loader().withEmbedded(true).load());

        assertThat(problem).hasMessageContaining("--embedded starts a Redis of its own");
    }

    @Test
    void what_a_command_decides_is_not_taken_from_elsewhere() {
        environment.putAll(Map.of("REDIS_URL", "redis://other", "SLUICE_HOST", "0.0.0.0"));

        var settings = loader().withEmbedded(true)
                .withDecided(Set.of("REDIS_URL", "SLUICE_HOST"))
                .withCommandLine(Map.of("SLUICE_HOST", "127.0.0.5"))
                .load();

        assertThat(settings.http().host()).isEqualTo("127.0.0.5");
        assertThat(settings.notes()).containsExactly("REDIS_URL is set but not used by this command");
    }

    @Test
    void no_error_shows_a_secret() throws IOException {
        environment.putAll(Map.of(
                "SLUICE_ADMIN_TOKEN", "hunter2 short",
                "REDIS_URL", "redisx://user:hunter2@host:1",
                "DATABASE_URL", "mysql://me:hunter2@db?password=hunter2",
                "SLUICE_BOTS", "123456789:AAhunter2hunter2hunter2hunter2hunte",
                "TELEGRAM_BOT_TOKENS", "123456789:AAhunter2hunter2hunter2hunter2hunte",
                "REDIS_PASSWORD", "hunter2",
                "SLUICE_URI", "https://me:hunter2@host"));
        write("sluice.yaml", "sluice: {admin_token: hunter2\nhunter2");

        assertThat(problems()).hasSize(8).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void a_named_settings_file_must_be_there() {
        environment.put("SLUICE_CONFIG", "elsewhere.yaml");
        assertThat(problems()).containsExactly("SLUICE_CONFIG: there is no file elsewhere.yaml");
    }

    @Test
    void the_command_line_names_another_settings_file() throws IOException {
        write("sluice.yaml", "SLUICE_PORT: 1");
        write("other.yaml", "SLUICE_PORT: 2");

        assertThat(loader().withConfigFile(Optional.of(Path.of("other.yaml")))
                        .load()
                        .http()
                        .port())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'a: [b' | sluice.yaml: line 1, column 6: not YAML",
                "'SLUICE_PORT: 1\nSLUICE_PORT: 2' | not YAML: a key is there twice",
                "'- 1' | sluice.yaml: must be a map of settings",
                "'SLUICE_PORT: 1\nsluice: {port: 2}' | SLUICE_PORT: is set twice in sluice.yaml",
                "'sluice: {bots: [{a: 1}]}' | SLUICE_BOTS: in sluice.yaml must be a text",
                "'port: 1' | PORT=1 (sluice.yaml): unknown name; docs/settings.md lists all; did you mean",
            })
    void a_settings_file_that_cannot_be_read_is_an_error_with_its_place(String text, String message)
            throws IOException {
        write("sluice.yaml", text);

        assertThat(problems()).singleElement().asString().contains(message);
    }

    @Test
    void files_that_are_no_text_are_errors() throws IOException {
        Files.write(directory.resolve("sluice.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        Files.createDirectory(directory.resolve(".env"));

        assertThat(problems()).hasSize(2).anyMatch(line -> line.equals("sluice.yaml: is not UTF-8 text"));
    }

    @Test
    void every_default_has_the_form_of_its_setting() {
        assertThat(Catalogue.all())
                .hasSizeGreaterThan(50)
                .allSatisfy(setting -> setting.defaultText()
                        .ifPresent(
                                text -> assertThat(setting.form().parse(text)).isNotNull()));
    }

    @Test
    void an_admin_port_equal_to_the_port_is_the_same_listener() {
        environment.putAll(Map.of("SLUICE_PORT", "9000", "SLUICE_ADMIN_PORT", "9000"));
        assertThat(load().http().adminPort()).isEmpty();

        environment.put("SLUICE_ADMIN_PORT", "9001");
        assertThat(load().http().adminPort()).contains(9001);
    }

    private SettingsLoader loader() {
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of());
    }

    private ServerSettings load() {
        return loader().load();
    }

    private List<String> problems() {
        var failure = catchThrowableOfType(InvalidSettingsException.class, this::load);
        assertThat(failure).as("the settings should have been refused").isNotNull();
        return failure.problems().stream().map(Problem::toString).toList();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text, UTF_8);
    }
}
