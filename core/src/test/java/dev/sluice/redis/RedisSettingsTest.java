package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.redis.RedisSettings.Cluster;
import dev.sluice.redis.RedisSettings.Credentials;
import dev.sluice.redis.RedisSettings.Node;
import dev.sluice.redis.RedisSettings.Sentinel;
import dev.sluice.redis.RedisSettings.Standalone;
import dev.sluice.redis.RedisSettings.Tls;
import dev.sluice.redis.RedisSettings.Trust;
import dev.sluice.redis.RedisSettings.Verify;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisSettingsTest {

    @Test
    void a_plain_url_names_one_server_with_default_port_and_database() {
        RedisSettings settings = RedisSettings.parse("redis://localhost");

        assertThat(settings.topology()).isEqualTo(new Standalone(new Node("localhost", 6379)));
        assertThat(settings.database()).isZero();
        assertThat(settings.credentials()).isEmpty();
        assertThat(settings.tls()).isEmpty();
        assertThat(settings.commandTimeout()).isEqualTo(RedisSettings.DEFAULT_COMMAND_TIMEOUT);
    }

    @Test
    void what_must_be_written_down_is_not_given_up_earlier_than_a_decision() {
        RedisSettings settings = RedisSettings.parse("redis://localhost");
        assertThat(settings.withCommandTimeout(Duration.ofSeconds(1)).settleTimeout())
                .isEqualTo(RedisSettings.DEFAULT_SETTLE_TIMEOUT);
        assertThat(settings.withCommandTimeout(Duration.ofSeconds(30)).settleTimeout())
                .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void user_password_port_and_database_are_read() {
        RedisSettings settings = RedisSettings.parse("redis://bot:p%40ss+word@10.0.0.1:7000/3");

        assertThat(settings.topology()).isEqualTo(new Standalone(new Node("10.0.0.1", 7000)));
        assertThat(settings.credentials()).contains(new Credentials("bot", "p@ss+word"));
        assertThat(settings.database()).isEqualTo(3);
        assertThat(settings.address()).isEqualTo("redis://10.0.0.1:7000/3");
    }

    @Test
    void a_password_with_unencoded_separators_still_works() {
        assertThat(RedisSettings.parse("redis://:a/b?c#d@e@host:1").credentials())
                .contains(new Credentials("", "a/b?c#d@e"));
    }

    @Test
    void an_ipv6_address_stands_in_brackets() {
        RedisSettings settings = RedisSettings.parse("redis://[::1]:6380");

        assertThat(settings.topology()).isEqualTo(new Standalone(new Node("::1", 6380)));
        assertThat(settings.address()).isEqualTo("redis://[::1]:6380");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://:pw@a:1,b:2,c", "redis://:pw@a:1,redis://:pw@b:2,redis://c"})
    void comma_separated_nodes_are_a_cluster(String url) {
        RedisSettings settings = RedisSettings.parse(url);

        assertThat(settings.topology())
                .isEqualTo(new Cluster(List.of(new Node("a", 1), new Node("b", 2), new Node("c", 6379))));
        assertThat(settings.credentials()).contains(new Credentials("", "pw"));
        assertThat(settings.address()).isEqualTo("redis://a:1,b:2,c:6379");
    }

    @Test
    void sentinels_name_a_master() {
        RedisSettings settings = RedisSettings.parse("redis-sentinel://u:p@a,b:5/2?sentinel-password=s#main");

        assertThat(settings.topology())
                .isEqualTo(new Sentinel(List.of(new Node("a", 26379), new Node("b", 5)), "main", Optional.of("s")));
        assertThat(settings.database()).isEqualTo(2);
        assertThat(settings.address()).isEqualTo("redis-sentinel://a:26379,b:5/2#main");
    }

    @Test
    void tls_checks_everything_unless_told_otherwise() {
        assertThat(RedisSettings.parse("rediss://a").tls()).contains(new Tls(Verify.FULL, Optional.empty()));
        assertThat(RedisSettings.parse("rediss://a?verify=ca&ca=/etc/ca.pem").tls())
                .contains(new Tls(Verify.CA, Optional.of(new Trust.PemFile(Path.of("/etc/ca.pem")))));
        assertThat(RedisSettings.parse("rediss-sentinel://a?verify=NONE#m").tls())
                .contains(new Tls(Verify.NONE, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://:secret@host",
                ":secret@host",
                "redis://secret@host",
                "redis://:secret@",
                "redis://:secret@host:99999",
                "redis://:secret@host:port",
                "redis://:secret@host/one",
                "redis://:secret@host/123456",
                "redis://:secret@a,b/1",
                "redis://:secret@::1",
                "redis://:secret@host?timeout=1",
                "redis://:secret@host?ca=x",
                "redis://:secret@host#main",
                "redis://:secret@a,rediss://b",
                "redis://:secret@a,redis://:secret2@b",
                "redis://:secret%zz@a",
                "rediss://:secret@host?verify=maybe",
                "rediss://:secret@host?ca=a&truststore=b",
                "redis-sentinel://:secret@host"
            })
    void a_malformed_url_is_refused_without_quoting_the_password(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisSettings.parse(url))
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("secret"));
    }

    @Test
    void printing_the_settings_shows_no_password() {
        String printed = RedisSettings.parse("rediss-sentinel://me:secret@a?sentinel-password=secret"
                        + "&truststore=t.p12&truststore-password=secret#m")
                .toString();

        assertThat(printed).contains("a:26379").doesNotContain("secret");
    }

    @Test
    void a_database_other_than_0_is_refused_for_a_cluster() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisSettings.parse("redis://a,b/4"))
                .withMessage("database 4: a Redis Cluster has database 0 only");
    }
}
