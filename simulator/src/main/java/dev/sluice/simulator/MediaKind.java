package dev.sluice.simulator;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The kinds of media that a message carries, and how each looks in a Message object. */
enum MediaKind {
    PHOTO("photos", "photo", true),
    DOCUMENT("documents", "document", true),
    VIDEO("videos", "video", true),
    AUDIO("music", "audio", true),
    VOICE("voice", "voice", true),
    ANIMATION("animations", "animation", true),
    VIDEO_NOTE("video_notes", "video note", false),
    STICKER("stickers", "sticker", false);

    private static final int SIDE = 640; // nothing is decoded: every picture looks as large

    private final String folder;
    private final String noun;
    private final boolean captioned;

    MediaKind(String folder, String noun, boolean captioned) {
        this.folder = folder;
        this.noun = noun;
        this.captioned = captioned;
    }

    /** The parameter and the field that hold it. */
    String field() {
        return name().toLowerCase(Locale.ROOT);
    }

    String folder() {
        return folder;
    }

    String noun() {
        return noun;
    }

    boolean isCaptioned() {
        return captioned;
    }

    static @Nullable MediaKind ofField(String field) {
        for (MediaKind kind : values()) {
            if (kind.field().equals(field)) {
                return kind;
            }
        }
        return null;
    }

    void writeTo(ObjectNode message, StoredFile file, ApiCall call) {
        ObjectNode media = JsonNodeFactory.instance.objectNode();
        media.put("file_id", file.id());
        media.put("file_unique_id", file.uniqueId());
        switch (this) {
            case PHOTO -> media.put("width", SIDE).put("height", SIDE);
            case DOCUMENT -> named(media, file);
            case AUDIO -> {
                named(media, file).put("duration", call.number("duration", 0));
                call.text("title").ifPresent(title -> media.put("title", title));
                call.text("performer").ifPresent(performer -> media.put("performer", performer));
            }
            case VIDEO, ANIMATION ->
                named(media, file)
                        .put("width", call.number("width", SIDE))
                        .put("height", call.number("height", SIDE))
                        .put("duration", call.number("duration", 0));
            case VOICE -> media.put("duration", call.number("duration", 0)).put("mime_type", file.contentType());
            case VIDEO_NOTE ->
                media.put("length", call.number("length", SIDE)).put("duration", call.number("duration", 0));
            case STICKER ->
                media.put("type", "regular")
                        .put("width", 512)
                        .put("height", 512)
                        .put("is_animated", false)
                        .put("is_video", false);
        }
        media.put("file_size", file.bytes().length);
        if (this == PHOTO) {
            message.putArray("photo").add(media);
        } else {
            message.set(field(), media);
        }
        if (this == ANIMATION) {
            message.set("document", media.deepCopy()); // as Telegram does for old clients
        }
    }

    private static ObjectNode named(ObjectNode media, StoredFile file) {
        return media.put("file_name", file.fileName()).put("mime_type", file.contentType());
    }
}
