DROP TABLE operator_actions;
ALTER TABLE rooms DROP COLUMN message;
