// Grafana's types as JSON has them: a member of an enumeration is its value.
import type { AnnotationQuery, Dashboard, VariableModel } from './node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen';

export type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends Array<infer U>
      ? Array<Plain<U>>
      : T extends object
        ? { [K in keyof T]: Plain<T[K]> }
        : T;

export type Told<T> = Plain<Partial<T>>;

// What the InfluxDB data source reads of its annotations and variables, beside what all have.
interface InfluxAnnotation {
  query: string;
  textColumn: string;
  tagsColumn: string;
  timeEndColumn: string;
}

type Annotation = Plain<Omit<AnnotationQuery, 'target'>> & InfluxAnnotation & { target: Record<string, unknown> };
type Variable = Plain<VariableModel> & { definition?: string };

export type Board = Plain<Omit<Dashboard, 'annotations' | 'templating'>> & {
  annotations: { list: Array<Annotation> };
  templating: { list: Array<Variable> };
};
