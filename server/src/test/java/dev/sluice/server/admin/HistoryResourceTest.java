package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.history.Histories;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was said last, over HTTP: what is refused. */
class HistoryResourceTest {
    private static final String CHAT = "/v1/history/123456/42";

    private final Histories histories = Histories.inMemory().build();
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"), System::nanoTime, new HistoryResource(histories));

    @AfterEach
    void close() {
        api.close();
        histories.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "POST | /v1/history/123456/42 | {'entries':[]} | /entries | must be 1 to 100, not 0",
                "POST | /v1/history/123456/42 | {'entries':[{'role':'bot','text':'secret'}]} | /entries/0/role | must be one of user",
                "POST | /v1/history/123456/42 | {'entries':[{'role':'user','text':'secret','user':99}]} | /entries | every entry is its user's, 42",
                "POST | /v1/history/123456/42 | {'entries':[{'role':'user','text':'secret','date':'now'}]} | /entries/0/date | must be a whole number",
                "POST | /v1/history/123456/0 | {'entries':[{'role':'user','text':'secret'}]} | chat | and not 0",
                "PUT | /v1/history/123456/42 | {'entries':[]} | /fence | is missing",
                "GET | /v1/history/123456/42?lease_ms=5 |  | lease_ms | must be 100 ms to 60 s",
                "GET | /v1/history/123456/42?limit=0 |  | limit | must be a whole number from 1 to 500",
                "GET | /v1/history/123456/4%FF2 |  | chat | must be percent-encoded UTF-8"
            })
    void what_is_malformed_is_said_by_its_name_and_changes_nothing(
            String method, String path, String body, String at, String problem) throws Exception {
        var answer = body == null ? api.get(path) : api.json(method, path, body.replace('\'', '"'));

        assertThat(answer.type()).isEqualTo("malformed");
        assertThat(AdminFixture.errors(answer).get(at)).as(answer.http().body()).contains(problem);
        assertThat(answer.http().body()).doesNotContain("secret");
        assertThat(api.get(CHAT).json().path("entries")).isEmpty();
    }

    @Test
    void what_is_well_formed_is_there() throws Exception {
        assertThat(api.json("POST", CHAT, "{\"entries\":[{\"role\":\"user\",\"text\":\"hello\",\"id\":\"7\"}]}")
                        .json()
                        .path("added")
                        .asInt())
                .isEqualTo(1);
        assertThat(api.get(CHAT).json().path("entries").path(0).path("text").asString())
                .isEqualTo("hello");
    }
}
