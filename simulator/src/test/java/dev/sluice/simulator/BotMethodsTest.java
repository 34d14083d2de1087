package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BotMethodsTest {
    private static final Simulator SIMULATOR =
            Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
    private static final BotAccount BOT = SIMULATOR.addBot(1000, "Shop");
    private static final String KEYBOARD = "{\"inline_keyboard\":[[{\"text\":\"Pay\",\"callback_data\":\"pay\"}]]}";
    private final Caller caller = new Caller(SIMULATOR, BOT.token());

    @AfterAll
    static void close() {
        SIMULATOR.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sendMessage            | {"chat_id":999000400,"text":"x"}              | 400 | Bad Request: chat not found
            sendMessage            | {"chat_id":999000403,"text":"x"}              | 403 | Forbidden: bot was blocked by the user
            sendMessage            | {"chat_id":999001403,"text":"x"}              | 403 | Forbidden: user is deactivated
            sendMessage            | {"chat_id":-999000403,"text":"x"}             | 403 | Forbidden: bot was kicked from the group chat
            sendMessage            | {"chat_id":999000500,"text":"x"}              | 500 | Internal Server Error: restart
            sendMessage            | {"chat_id":999000429,"text":"x"}              | 429 | Too Many Requests: retry after 5
            sendMessage            | {"chat_id":"not a chat","text":"x"}           | 400 | Bad Request: chat not found
            sendMessage            | {"chat_id":0,"text":"x"}                      | 400 | Bad Request: chat not found
            sendMessage            | {"text":"x"}                                  | 400 | Bad Request: chat_id is empty
            sendMessage            | {"chat_id":1}                                 | 400 | Bad Request: message text is empty
            sendMessage            | {"chat_id":1,"text":"  "}                     | 400 | Bad Request: message text is empty
            sendMessage            | {"chat_id":1,"text":"x","reply_to_message_id":999999} | 400 | Bad Request: message to be replied not found
            sendMessage            | {"chat_id":1,"text":"x","reply_markup":"{"}   | 400 | Bad Request: can't parse reply_markup JSON object
            sendPhoto              | {"chat_id":1}                                 | 400 | Bad Request: there is no photo in the request
            sendPhoto              | {"chat_id":1,"photo":"nonsense"}              | 400 | Bad Request: wrong file identifier/HTTP URL specified
            sendMediaGroup         | {"chat_id":1,"media":[]}                      | 400 | Bad Request: too few messages to send as an album
            copyMessage            | {"chat_id":1,"from_chat_id":1,"message_id":9} | 400 | Bad Request: message to copy not found
            forwardMessage         | {"chat_id":1,"from_chat_id":1,"message_id":9} | 400 | Bad Request: message to forward not found
            copyMessages           | {"chat_id":1,"from_chat_id":1,"message_ids":[9]} | 400 | Bad Request: there are no messages to copy
            editMessageText        | {"chat_id":1,"message_id":9,"text":"x"}       | 400 | Bad Request: message to edit not found
            deleteMessage          | {"chat_id":1,"message_id":9}                  | 400 | Bad Request: message to delete not found
            sendChatAction         | {"chat_id":1}                                 | 400 | Bad Request: wrong parameter action in request
            answerCallbackQuery    | {"callback_query_id":"9"}                     | 400 | Bad Request: query is too old and response timeout expired or query ID is invalid
            getFile                | {"file_id":"nonsense"}                        | 400 | Bad Request: wrong file_id or the file is temporarily unavailable
            setWebhook             | {"url":"ftp://x"}                             | 400 | Bad Request: bad webhook: an HTTP or HTTPS URL must be provided for webhook
            setWebhook             | {"url":"http://x","secret_token":"a b"}       | 400 | Bad Request: secret token contains unallowed characters
            """)
    void errors_are_worded_as_telegram_words_them(String method, String parameters, int status, String description) {
        Caller.Reply reply = caller.call(method, parsed(parameters));
        assertThat(reply.json().get("ok").asBoolean()).isFalse();
        assertThat(reply.description()).isEqualTo(description);
        assertThat(reply.json().get("error_code").asInt()).isEqualTo(status);
        assertThat(reply.status()).isEqualTo(status);
    }

    @Test
    void a_group_that_moved_tells_where_and_the_new_one_receives() {
        Caller.Reply moved = caller.text(-999000400, "x");
        assertThat(moved.status()).isEqualTo(400);
        long newChat = moved.json().at("/parameters/migrate_to_chat_id").asLong();
        assertThat(newChat).isEqualTo(-1009990004000L);
        assertThat(caller.text(newChat, "x").result().at("/chat/type").asString())
                .isEqualTo("supergroup");
    }

    @Test
    void a_broken_chat_answers_html() {
        Caller.Reply html = caller.text(999000502, "x");
        assertThat(html.status()).isEqualTo(502);
        assertThat(html.text()).contains("<html>");
        assertThat(html.response().headers().firstValue("content-type")).contains("text/html");
    }

    @Test
    void the_state_of_a_chat_can_be_set_and_undone() {
        SIMULATOR.setChat(70, new ChatState.Blocked());
        assertThat(caller.text(70, "x").status()).isEqualTo(403);
        SIMULATOR.setChat(70, new ChatState.Reachable());
        assertThat(caller.text(70, "x").status()).isEqualTo(200);
    }

    @Test
    void texts_of_4096_characters_pass_and_longer_ones_do_not() {
        String emoji = "\uD83D\uDE00";
        assertThat(caller.text(1, emoji.repeat(4096)).status()).isEqualTo(200);
        assertThat(caller.text(1, "x".repeat(4097)).description()).isEqualTo("Bad Request: message is too long");
    }

    @Test
    void chats_are_what_their_ids_say() {
        assertThat(caller.text(-5, "x").result().at("/chat/type").asString()).isEqualTo("group");
        assertThat(caller.text(-1001234567890L, "x").result().at("/chat/type").asString())
                .isEqualTo("supergroup");
        JsonNode posted = caller.text("@Shop_news", "x").result();
        assertThat(posted.at("/chat/type").asString()).isEqualTo("channel");
        assertThat(posted.has("from")).isFalse();
        long id = posted.at("/chat/id").asLong();
        assertThat(id).isNegative().isEqualTo(SIMULATOR.channelId("@shop_NEWS"));
        assertThat(caller.text(id, "y").result().at("/chat/username").asString())
                .isEqualTo("Shop_news");
        assertThat(SIMULATOR.ledger().received(1000, id)).hasSize(2);
    }

    @Test
    void message_ids_ascend() {
        List<Integer> ids = IntStream.range(0, 5)
                .mapToObj(
                        i -> caller.text(71, "m" + i).result().get("message_id").asInt())
                .toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void a_reply_shows_what_it_answers() {
        int first = caller.text(72, "question").result().get("message_id").asInt();
        JsonNode reply = caller.call(
                        "sendMessage",
                        Map.of("chat_id", 72, "text", "answer", "reply_parameters", Map.of("message_id", first)))
                .result();
        assertThat(reply.at("/reply_to_message/text").asString()).isEqualTo("question");
        assertThat(caller.call(
                                "sendMessage",
                                Map.of(
                                        "chat_id",
                                        72,
                                        "text",
                                        "x",
                                        "reply_parameters",
                                        Map.of("message_id", 999999, "allow_sending_without_reply", true)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void every_kind_of_media_and_thing_can_be_sent() {
        Map<String, String> fields = Map.of(
                "sendPhoto",
                "photo",
                "sendDocument",
                "document",
                "sendVideo",
                "video",
                "sendAudio",
                "audio",
                "sendVoice",
                "voice",
                "sendAnimation",
                "animation",
                "sendVideoNote",
                "video_note",
                "sendSticker",
                "sticker");
        fields.forEach((method, field) -> {
            JsonNode message = Caller.await(Caller.send(new Multipart()
                            .field("chat_id", "73")
                            .file(field, "f.bin", new byte[] {1, 2, 3})
                            .to(caller.method(method))))
                    .result();
            JsonNode media = field.equals("photo") ? message.at("/photo/0") : message.get(field);
            assertThat(media.get("file_size").asInt()).as(method).isEqualTo(3);
            assertThat(caller.call(method, Map.of("chat_id", 73, field, "https://example.org/f.bin"))
                            .result()
                            .has(field))
                    .as(method)
                    .isTrue();
        });
        assertThat(caller.call("sendLocation", Map.of("chat_id", 73, "latitude", 1.5, "longitude", -2))
                        .result()
                        .at("/location/latitude")
                        .asDouble())
                .isEqualTo(1.5);
        assertThat(caller.call(
                                "sendVenue",
                                Map.of("chat_id", 73, "latitude", 1, "longitude", 2, "title", "t", "address", "a"))
                        .result()
                        .at("/venue/title")
                        .asString())
                .isEqualTo("t");
        assertThat(caller.call("sendContact", Map.of("chat_id", 73, "phone_number", "1", "first_name", "n"))
                        .result()
                        .at("/contact/first_name")
                        .asString())
                .isEqualTo("n");
        assertThat(caller.call(
                                "sendPoll",
                                Map.of("chat_id", 73, "question", "q", "options", List.of(Map.of("text", "a"), "b")))
                        .result()
                        .at("/poll/options/1/text")
                        .asString())
                .isEqualTo("b");
        assertThat(caller.call("sendDice", Map.of("chat_id", 73))
                        .result()
                        .at("/dice/value")
                        .asInt())
                .isBetween(1, 6);
    }

    @Test
    void an_album_is_several_messages_of_one_group_and_counts_as_many() {
        Caller.Reply reply = Caller.await(Caller.send(new Multipart()
                .file("one", "1.jpg", "first".getBytes(StandardCharsets.UTF_8))
                .file("two", "2.jpg", "second".getBytes(StandardCharsets.UTF_8))
                .field(
                        "media",
                        "[{\"type\":\"photo\",\"media\":\"attach://one\",\"caption\":\"c\"},"
                                + "{\"type\":\"photo\",\"media\":\"attach://two\"}]")
                .field("chat_id", "74")
                .to(caller.method("sendMediaGroup"))));
        JsonNode album = reply.result();
        assertThat(album.size()).isEqualTo(2);
        assertThat(album.at("/0/caption").asString()).isEqualTo("c");
        assertThat(album.at("/1/photo/0/file_size").asInt()).isEqualTo(6);
        assertThat(album.at("/0/media_group_id")).isEqualTo(album.at("/1/media_group_id"));
        assertThat(SIMULATOR.ledger().received(1000, 74))
                .singleElement()
                .satisfies(entry -> assertThat(entry.weight()).isEqualTo(2));
        assertThat(caller.call(
                                "sendMediaGroup",
                                Map.of(
                                        "chat_id",
                                        74,
                                        "media",
                                        List.of(
                                                Map.of("type", "photo", "media", "attach://none"),
                                                Map.of("type", "photo", "media", "attach://none"))))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void edits_change_once_and_an_equal_one_is_refused() {
        int id = caller.call("sendMessage", Map.of("chat_id", 75, "text", "a", "reply_markup", KEYBOARD))
                .result()
                .get("message_id")
                .asInt();
        JsonNode edited = caller.call(
                        "editMessageText",
                        Map.of("chat_id", 75, "message_id", id, "text", "b", "reply_markup", KEYBOARD))
                .result();
        assertThat(edited.get("text").asString()).isEqualTo("b");
        assertThat(edited.has("edit_date")).isTrue();
        Caller.Reply same = caller.call(
                "editMessageText", Map.of("chat_id", 75, "message_id", id, "text", "b", "reply_markup", KEYBOARD));
        assertThat(same.status()).isEqualTo(400);
        assertThat(same.description()).startsWith("Bad Request: message is not modified");
        JsonNode bare = caller.call("editMessageReplyMarkup", Map.of("chat_id", 75, "message_id", id))
                .result();
        assertThat(bare.has("reply_markup")).isFalse();
        assertThat(SIMULATOR.ledger().received(1000, 75))
                .extracting(LedgerEntry::messageId)
                .containsExactly(id, id, id);
        assertThat(caller.call("deleteMessage", Map.of("chat_id", 75, "message_id", id))
                        .result()
                        .asBoolean())
                .isTrue();
        assertThat(caller.call("deleteMessage", Map.of("chat_id", 75, "message_id", id))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void captions_and_media_can_be_edited() {
        int id = caller.call("sendPhoto", Map.of("chat_id", 76, "photo", "http://x/a.jpg", "caption", "a"))
                .result()
                .get("message_id")
                .asInt();
        assertThat(caller.call("editMessageCaption", Map.of("chat_id", 76, "message_id", id, "caption", "b"))
                        .result()
                        .get("caption")
                        .asString())
                .isEqualTo("b");
        JsonNode video = caller.call(
                        "editMessageMedia",
                        Map.of(
                                "chat_id",
                                76,
                                "message_id",
                                id,
                                "media",
                                Map.of("type", "video", "media", "http://x/v.mp4")))
                .result();
        assertThat(video.has("video")).isTrue();
        assertThat(video.has("photo")).isFalse();
        assertThat(caller.call("editMessageText", Map.of("chat_id", 76, "message_id", id, "text", "x"))
                        .description())
                .isEqualTo("Bad Request: there is no text in the message to edit");
    }

    @Test
    void copies_and_forwards_count_as_many_as_they_name() {
        List<Integer> ids = IntStream.range(0, 3)
                .mapToObj(
                        i -> caller.text(77, "m" + i).result().get("message_id").asInt())
                .toList();
        assertThat(caller.call("copyMessage", Map.of("chat_id", 78, "from_chat_id", 77, "message_id", ids.getFirst()))
                        .result()
                        .get("message_id")
                        .asInt())
                .isGreaterThan(ids.getLast());
        JsonNode forwarded = caller.call(
                        "forwardMessage", Map.of("chat_id", 78, "from_chat_id", 77, "message_id", ids.get(1)))
                .result();
        assertThat(forwarded.get("text").asString()).isEqualTo("m1");
        assertThat(forwarded.at("/forward_origin/sender_user/id").asLong()).isEqualTo(1000);
        assertThat(caller.call("copyMessages", Map.of("chat_id", 78, "from_chat_id", 77, "message_ids", ids))
                        .result()
                        .size())
                .isEqualTo(3);
        assertThat(caller.call("forwardMessages", Map.of("chat_id", 78, "from_chat_id", 77, "message_ids", ids))
                        .result()
                        .size())
                .isEqualTo(3);
        assertThat(SIMULATOR.ledger().received(1000, 78))
                .extracting(LedgerEntry::weight)
                .containsExactly(1, 1, 3, 3);
    }

    @Test
    void chats_members_actions_and_commands_answer() {
        assertThat(caller.call("getChat", Map.of("chat_id", 79))
                        .result()
                        .get("type")
                        .asString())
                .isEqualTo("private");
        assertThat(caller.call("getChatMember", Map.of("chat_id", -79, "user_id", 5))
                        .result()
                        .get("status")
                        .asString())
                .isEqualTo("member");
        assertThat(caller.call("sendChatAction", Map.of("chat_id", 79, "action", "typing"))
                        .result()
                        .asBoolean())
                .isTrue();
        assertThat(SIMULATOR.ledger().received(1000, 79)).isEmpty();
        List<Map<String, String>> commands = List.of(Map.of("command", "start", "description", "begins"));
        assertThat(caller.call("setMyCommands", Map.of("commands", commands))
                        .result()
                        .asBoolean())
                .isTrue();
        assertThat(caller.call("getMyCommands", Map.of())
                        .result()
                        .at("/0/command")
                        .asString())
                .isEqualTo("start");
        assertThat(caller.call("logOut", Map.of()).result().asBoolean()).isTrue();
    }

    @Test
    void a_button_with_too_much_data_is_refused() {
        String keyboard = KEYBOARD.replace("\"pay\"", "\"" + "p".repeat(65) + "\"");
        assertThat(caller.call("sendMessage", Map.of("chat_id", 80, "text", "x", "reply_markup", keyboard))
                        .description())
                .isEqualTo("Bad Request: BUTTON_DATA_INVALID");
    }

    private static Map<String, ?> parsed(String json) {
        return Caller.JSON.readValue(json, new tools.jackson.core.type.TypeReference<Map<String, Object>>() {});
    }
}
