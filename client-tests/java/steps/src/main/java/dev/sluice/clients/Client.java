package dev.sluice.clients;

import java.util.List;
import java.util.function.Consumer;

/** A client library behind what a bot does. Every method may throw {@link Refused}, or whatever else the library throws. */
public interface Client {
    Me getMe() throws Exception;

    /** @param buttons of one row under the text, each its own callback data */
    Message sendText(long chat, String text, String... buttons) throws Exception;

    Message sendPhoto(long chat, byte[] picture, String caption) throws Exception;

    List<Message> sendAlbum(long chat, List<byte[]> pictures) throws Exception;

    Message editText(long chat, int messageId, String text) throws Exception;

    boolean deleteMessage(long chat, int messageId) throws Exception;

    byte[] download(String fileId) throws Exception;

    /**
     * Polls, and answers every text with "you said ..." until closed.
     *
     * @param heard told each text once it is answered, or what went wrong
     */
    AutoCloseable answerTexts(Consumer<String> heard) throws Exception;

    /** A bot about itself. */
    record Me(long id, boolean isBot) {}

    /**
     * A message as it came back.
     *
     * @param text or the caption
     * @param buttons {@code label=data}
     * @param fileId of the largest photo, empty if there is none
     */
    record Message(int id, String text, List<String> buttons, String fileId) {}

    /** What the library made of an answer that is not ok. */
    @SuppressWarnings("serial")
    final class Refused extends Exception {
        final int code;
        final String description;
        final Integer retryAfter;

        public Refused(Integer code, String description, Integer retryAfter) {
            super(code + " " + description);
            this.code = code;
            this.description = description;
            this.retryAfter = retryAfter;
        }
    }
}
