package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurabilityTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "appendonly yes,   appendfsync always,   EVERY_WRITE,     true",
                "appendonly yes,   appendfsync everysec, EVERY_SECOND,    true",
                "appendonly yes,   appendfsync no,       WHEN_CONVENIENT, true",
                "save 3600 1,      appendonly no,        SNAPSHOTS,       false",
                "appendonly no,    appendfsync always,   NOTHING,         false"
            })
    void a_server_says_how_much_outlives_its_crash(String one, String other, Durability expected, boolean survives) {
        try (RedisProcess redis = RedisFixture.start(one, other);
                RedisStore store = RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE)) {
            RedisInfo info = store.info();

            assertThat(info.durability()).isEqualTo(expected);
            assertThat(info.durability().survivesRestart()).isEqualTo(survives);
            assertThat(info.evicts()).isFalse();
        }
    }

    @Test
    void where_config_is_forbidden_it_is_said_that_nobody_knows() {
        try (RedisProcess redis = RedisFixture.start("appendonly yes", "maxmemory-policy allkeys-lru")) {
            redis.tell("ACL SETUSER hosted on >secret ~* +@all -config");
            var settings = RedisFixture.patient("redis://hosted:secret@127.0.0.1:" + redis.port());
            try (RedisStore store = RedisStore.connect(settings, RedisEvents.NONE)) {
                RedisInfo info = store.info();

                assertThat(info.appendFsync()).isEqualTo("unknown");
                assertThat(info.durability()).isEqualTo(Durability.NOT_KNOWN);
                assertThat(info.durability().mayLose()).contains("CONFIG is forbidden");
                assertThat(info.evicts()).isTrue();
            }
        }
    }
}
