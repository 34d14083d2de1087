package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SendLane;
import dev.sluice.queue.DeliveryPolicy;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.SavedMessage;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class SnapshotLinesTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_message_is_read_as_it_was_written_with_the_doubt_about_its_attempts(boolean doubted) {
        var saved = new SavedMessage(
                new MessageId(new BotId(42), 1_800_000_000_000_000L),
                SavedMessage.Place.LANE,
                "7",
                SavedMessage.Kind.USER,
                2,
                doubted ? SendLane.BOT : SendLane.REPLIES,
                1,
                DeliveryPolicy.AT_LEAST_ONCE,
                1,
                doubted,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new byte[] {1});

        String line = SnapshotLines.message(saved);

        assertThat(line.contains("doubted"))
                .as("older readers know no such member")
                .isEqualTo(doubted);
        assertThat(SnapshotLines.read(JsonMapper.shared().readTree(line)))
                .isEqualTo(new SnapshotLines.Line.Message(saved));
    }
}
