-- +goose Up
-- terms is what the analyser made of a text. The index beside it is rebuilt by
-- triggers, also when a backup is restored; it is no table of ours and is not backed
-- up, because the other engine has another one.
create table search_entry (
    num integer primary key,
    space text not null,
    id text not null,
    terms text not null
);
create unique index search_entry_id on search_entry (space, id);
create virtual table ftsentry using fts5 (terms, content = 'search_entry', content_rowid = 'num', tokenize = "unicode61 remove_diacritics 0");
-- +goose StatementBegin
create trigger search_put after insert on search_entry begin
    insert into ftsentry (rowid, terms) values (new.num, new.terms);
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger search_drop after delete on search_entry begin
    insert into ftsentry (ftsentry, rowid, terms) values ('delete', old.num, old.terms);
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger search_change after update on search_entry begin
    insert into ftsentry (ftsentry, rowid, terms) values ('delete', old.num, old.terms);
    insert into ftsentry (rowid, terms) values (new.num, new.terms);
end;
-- +goose StatementEnd
