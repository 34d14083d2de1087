package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.DedupeWindow;
import dev.sluice.event.EventDeduplicator;
import dev.sluice.server.admin.AdminFixture.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams of events over HTTP, in memory. */
class EventsResourceTest {
    private final List<String> counted = new ArrayList<>();
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new EventsResource(
                    EventDeduplicator.inMemory(new DedupeWindow(Duration.ofHours(1), 1_000)),
                    (stream, first, before) -> counted.add(stream + " " + first + " " + before)));

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void each_event_is_new_once_by_its_position() throws Exception {
        assertThat(mark("clicks", "{'ids':['a','b','a']}").json().toString())
                .contains("\"new\":[true,true,false]")
                .contains("\"duplicates\":1");
        assertThat(mark("clicks", "{'ids':['b','c']}").json().path("new").toString())
                .isEqualTo("[false,true]");
        assertThat(mark("views", "{'ids':['b']}").json().path("new").toString()).isEqualTo("[true]");
        assertThat(mark("views", "{'ids':[]}").json().path("new").toString()).isEqualTo("[]");
        assertThat(counted).containsExactly("clicks 2 1", "clicks 1 1", "views 1 0", "views 0 0");
    }

    @Test
    void an_id_may_have_so_many_characters_whatever_their_width() throws Exception {
        String longest = "\uD83D\uDE00".repeat(1_024);
        assertThat(mark("clicks", "{'ids':['" + longest + "']}")
                        .json()
                        .path("new")
                        .toString())
                .isEqualTo("[true]");
        assertThat(AdminFixture.errors(mark("clicks", "{'ids':['" + longest + "x']}")))
                .containsEntry("/ids/0", "must be a text of 1 to 1024 characters");
        assertThat(mark("clicks", "{'ids':['\\uD800','\\uD801','?']}")
                        .json()
                        .path("duplicates")
                        .asInt())
                .as("half characters")
                .isZero();
    }

    @Test
    void what_is_forgotten_is_new_once_more() throws Exception {
        mark("clicks", "{'ids':['a','b']}");

        assertThat(mark("clicks/forget", "{'ids':['a','x']}")
                        .json()
                        .path("forgotten")
                        .asInt())
                .isEqualTo(1);
        assertThat(mark("clicks", "{'ids':['a','b']}").json().path("new").toString())
                .isEqualTo("[true,false]");
    }

    @Test
    void a_thousand_events_are_one_request() throws Exception {
        String ids =
                IntStream.range(0, 1_000).mapToObj(i -> "'event-" + i + "'").collect(Collectors.joining(","));

        assertThat(mark("clicks", "{'ids':[" + ids + "]}")
                        .json()
                        .path("duplicates")
                        .asInt())
                .isZero();
        assertThat(mark("clicks", "{'ids':[" + ids + "]}")
                        .json()
                        .path("duplicates")
                        .asInt())
                .isEqualTo(1_000);
        assertThat(AdminFixture.errors(mark("clicks", "{'ids':[" + ids + ",'one more']}")))
                .containsEntry("/ids", "must be a list of at most 1000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "two%20words | {'ids':['a']} | stream | must be 1 to 64 of A-Z a-z 0-9 _ -",
                "clicks | {} | /ids | is missing",
                "clicks | {'ids':'a'} | /ids | must be a list of at most 1000",
                "clicks | {'ids':['a','']} | /ids/1 | must be a text of 1 to 1024 characters",
                "clicks | {'ids':['a',5]} | /ids/1 | must be a text"
            })
    void what_is_malformed_is_said_and_changes_nothing(String stream, String body, String at, String problem)
            throws Exception {
        Answer answer = mark(stream, body);

        assertThat(answer.type()).isEqualTo("malformed");
        assertThat(AdminFixture.errors(answer).get(at)).startsWith(problem);
        assertThat(mark("clicks", "{'ids':['a']}").json().path("duplicates").asInt())
                .isZero();
    }

    private Answer mark(String path, String body) throws Exception {
        return api.json("POST", "/v1/events/" + path, body.replace('\'', '"'));
    }
}
