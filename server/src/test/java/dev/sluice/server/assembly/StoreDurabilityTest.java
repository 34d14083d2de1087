package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.ReplicaBarrier;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class StoreDurabilityTest {
    private static final BotId BOT = new BotId(1);

    private final Logger logger = (Logger) LoggerFactory.getLogger(StoreDurability.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
    }

    private List<String> warnings() {
        return lines.list.stream()
                .filter(line -> line.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private boolean keeps(Optional<Integer> replicas, String... directives) {
        try (RedisProcess redis = RedisFixture.start(directives)) {
            var settings = RedisSettings.parse(redis.uri());
            try (RedisStore store = RedisStore.connect(settings, RedisEvents.NONE);
                    var durability = StoreDurability.watch(
                            store::info,
                            replicas.map(wanted -> ReplicaBarrier.connect(
                                    settings, RedisEvents.NONE, wanted, Duration.ofMillis(50))))) {
                return durability.keeps(BOT);
            }
        }
    }

    @Test
    void what_is_forced_to_disk_each_time_is_durable_and_no_warning() {
        assertThat(keeps(Optional.empty(), "appendonly yes", "appendfsync always"))
                .isTrue();
        assertThat(warnings()).isEmpty();
    }

    @Test
    void what_is_forced_each_second_is_durable_and_one_warning_says_what_may_be_lost() {
        assertThat(keeps(Optional.empty(), "appendonly yes", "appendfsync everysec"))
                .isTrue();
        assertThat(warnings()).singleElement().asString().contains("within the last 2 s");
    }

    @Test
    void what_is_never_written_to_disk_is_not_called_durable() {
        assertThat(keeps(Optional.empty())).isFalse();
        assertThat(warnings()).singleElement().asString().contains("everything");
    }

    @Test
    void a_redis_that_may_drop_keys_is_warned_of() {
        keeps(Optional.empty(), "appendonly yes", "appendfsync always", "maxmemory-policy volatile-lru");

        assertThat(warnings()).singleElement().asString().contains("volatile-lru", "noeviction");
    }

    @Test
    void what_the_replicas_did_not_confirm_is_not_called_durable() {
        assertThat(keeps(Optional.of(1), "appendonly yes", "appendfsync always"))
                .as("there are none")
                .isFalse();
    }
}
