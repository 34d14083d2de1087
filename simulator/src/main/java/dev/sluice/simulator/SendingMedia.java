package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** sendPhoto and its kin, sendMediaGroup, getFile. */
final class SendingMedia {
    private static final int LONGEST_CAPTION = 1024;
    private static final int SHORTEST_ALBUM = 2;
    private static final int LONGEST_ALBUM = 10;
    private static final Set<MediaKind> ALBUM_KINDS =
            Set.of(MediaKind.PHOTO, MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.DOCUMENT);

    private final FileStore files;

    SendingMedia(FileStore files) {
        this.files = files;
    }

    Done send(Turn turn, MediaKind kind) {
        Chat chat = turn.reachableChat();
        ApiCall call = turn.call();
        FormattedText caption = caption(call);
        MessageShape shape = MessageShape.of(turn, chat);
        if (!call.files().containsKey(kind.field()) && call.text(kind.field()).isEmpty()) {
            throw Refusal.badRequest("there is no " + kind.noun() + " in the request");
        }
        String source = call.text(kind.field()).orElse("attach://" + kind.field());
        requireFile(turn, source);
        return turn.send(chat, 1, id -> {
            ObjectNode message = shape.message(id);
            kind.writeTo(message, file(turn, kind, source), call);
            writeCaption(message, kind, caption);
            return message;
        });
    }

    Done sendMediaGroup(Turn turn) {
        Chat chat = turn.reachableChat();
        JsonNode album =
                turn.call().json("media").orElseThrow(() -> Refusal.badRequest("there are no messages to send"));
        if (!album.isArray() || album.size() < SHORTEST_ALBUM) {
            throw Refusal.badRequest("too few messages to send as an album");
        }
        if (album.size() > LONGEST_ALBUM) {
            throw Refusal.badRequest("too many messages to send as an album");
        }
        MessageShape shape = MessageShape.of(turn, chat);
        List<InputMedia> items = new ArrayList<>();
        for (JsonNode item : album) {
            InputMedia media = inputMedia(turn, item);
            if (!ALBUM_KINDS.contains(media.kind())) {
                throw Refusal.badRequest(media.kind().noun() + " can't be sent as an album");
            }
            items.add(media);
        }
        turn.spend(chat, items.size());
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        String group = Long.toString(turn.nanos());
        for (InputMedia item : items) {
            int id = turn.bot().messages().nextId();
            ObjectNode message = shape.message(id);
            message.put("media_group_id", group);
            item.kind().writeTo(message, file(turn, item.kind(), item.source()), item.options());
            writeCaption(message, item.kind(), item.caption());
            turn.bot().messages().keep(chat.id(), id, message);
            messages.add(message);
        }
        int first = messages.get(0).get("message_id").intValue();
        return new Done(ApiAnswer.ok(messages), chat, items.size(), first);
    }

    Done getFile(Turn turn) {
        String id = turn.call().text("file_id").orElseThrow(() -> Refusal.badRequest("file_id not specified"));
        StoredFile file = files.byId(turn.bot().id(), id)
                .orElseThrow(() -> Refusal.badRequest("wrong file_id or the file is temporarily unavailable"));
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("file_id", file.id());
        json.put("file_unique_id", file.uniqueId());
        json.put("file_size", file.bytes().length);
        json.put("file_path", file.path());
        return Done.of(ApiAnswer.ok(json));
    }

    /** One InputMedia object, checked; its files are stored only when {@link #file} is called. */
    record InputMedia(MediaKind kind, String source, FormattedText caption, ApiCall options) {}

    InputMedia inputMedia(Turn turn, JsonNode item) {
        MediaKind kind = MediaKind.ofField(item.path("type").asString(""));
        if (kind == null || !kind.isCaptioned()) {
            throw Refusal.badRequest("can't parse InputMedia: type must be specified");
        }
        String source = item.path("media").asString("");
        requireFile(turn, source);
        ApiCall options = new ApiCall(turn.call().method(), RequestReader.parametersIn(item), Map.of());
        return new InputMedia(kind, source, caption(options), options);
    }

    StoredFile file(Turn turn, MediaKind kind, String source) {
        long bot = turn.bot().id();
        if (source.startsWith("attach://")) {
            return files.put(bot, kind.folder(), upload(turn, source));
        }
        if (isUrl(source)) {
            String name = source.substring(source.lastIndexOf('/') + 1);
            return files.put(bot, kind.folder(), new UploadedFile(name, "application/octet-stream", new byte[0]));
        }
        return known(turn, source);
    }

    static void writeCaption(ObjectNode message, MediaKind kind, FormattedText caption) {
        if (kind.isCaptioned() && !caption.text().isEmpty()) {
            caption.writeTo(message, "caption", "caption_entities");
        }
    }

    static FormattedText caption(ApiCall call) {
        FormattedText caption = FormattedText.of(call, "caption", "caption_entities");
        if (caption.length() > LONGEST_CAPTION) {
            throw Refusal.badRequest("message caption is too long");
        }
        return caption;
    }

    private void requireFile(Turn turn, String source) {
        if (source.startsWith("attach://")) {
            upload(turn, source);
        } else if (!isUrl(source)) {
            known(turn, source);
        }
    }

    private static UploadedFile upload(Turn turn, String source) {
        UploadedFile upload = turn.call().files().get(source.substring("attach://".length()));
        if (upload == null) {
            throw Refusal.badRequest("can't find uploaded file by name from " + source);
        }
        if (upload.bytes().length == 0) {
            throw Refusal.badRequest("file must be non-empty");
        }
        return upload;
    }

    private StoredFile known(Turn turn, String id) {
        return files.byId(turn.bot().id(), id)
                .orElseThrow(() -> Refusal.badRequest("wrong file identifier/HTTP URL specified"));
    }

    private static boolean isUrl(String source) {
        return source.startsWith("http://") || source.startsWith("https://");
    }
}
